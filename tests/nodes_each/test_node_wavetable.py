from __future__ import annotations

import numpy as np
import pytest
import soundfile
from alias import C8, alias, compiled, levels

from graph import AudioFileError
from graph.testing import block_of, node_contract
from nodes import Wavetable


def render(frames=2**16, **values):
    block = block_of(Wavetable, frames=frames, **values)
    Wavetable.process(block)
    return block.out[:, 0].astype(np.float64)


K = np.arange(1, 40)
BASIC = {0.0: K == 1, 1 / 3: K % 2 / K**2, 2 / 3: 1 / K, 1.0: K % 2 / K}


@compiled
@pytest.mark.parametrize("position", BASIC)
@pytest.mark.parametrize("freq", [110.0, 440.3, 1_000.3, C8])
def test_the_basic_cycles_have_their_harmonics_within_half_a_decibel_below_16_khz(position, freq):
    freq = float(np.float32(freq))
    heard = 10 ** (levels(render(freq=freq, position=position), freq) / 20)
    truth = BASIC[position]
    for k in range(1, min(int(16_000 / freq), 30) + 1):
        if truth[k - 1]:
            assert abs(20 * np.log10(heard[k - 1] / truth[k - 1])) < 0.5
        else:
            assert heard[k - 1] < 1e-5


# At C8 little but the aliases is left of a cycle that has no low harmonics.
@compiled
@pytest.mark.parametrize(("table", "most"), [("basic", -85), ("pulse", -80), ("harmonics", -65), ("vowels", -75)])
@pytest.mark.parametrize("freq", [55.0, 440.3, C8])
def test_there_are_next_to_no_aliases(table, most, freq):
    freq = float(np.float32(freq))
    for position in (0.3, 2 / 3, 1.0):
        assert alias(render(freq=freq, table=table, position=position), freq) < most


@compiled
def test_a_glide_has_no_seams():
    freq = np.geomspace(200, 4_000, 96_000)
    out = render(96_000, freq=freq, position=0.0)
    turns = np.cumsum(np.float64(np.float32(freq)) / 48_000)
    truth = np.sin(2 * np.pi * np.concatenate([[0], turns[:-1]]))
    gain = out @ truth / (truth @ truth)
    assert np.abs(out - gain * truth).max() < 1e-3


def test_position_blends_between_two_cycles():
    one, two, half = (render(2_000, freq=220.0, position=p) for p in (0.0, 1 / 3, 1 / 6))
    np.testing.assert_allclose(half, (one + two) / 2, atol=1e-5)


def test_a_file_of_cycles_is_played(tmp_path):
    turns = np.arange(2048) / 2048
    cycles = np.concatenate([np.sin(2 * np.pi * turns), np.sin(2 * np.pi * 3 * turns)])
    soundfile.write(tmp_path / "two.wav", cycles, 44_100, subtype="FLOAT")
    file = str(tmp_path / "two.wav")
    n = np.arange(4_800)
    for position, times in ((0.0, 1), (1.0, 3)):
        out = render(4_800, freq=200.0, file=file, position=position)
        np.testing.assert_allclose(out, np.sin(2 * np.pi * times * 200 * n / 48_000), atol=1e-3)
    node_contract(Wavetable, file=file)


@pytest.mark.parametrize("frames", [100, 257 * 2048])
def test_a_file_with_no_cycle_or_too_many_is_reported(tmp_path, frames):
    soundfile.write(tmp_path / "odd.wav", np.zeros(frames), 44_100)
    with pytest.raises(AudioFileError, match="cycles of 2048 samples"):
        block_of(Wavetable, file=str(tmp_path / "odd.wav"))


def test_a_missing_file_is_an_error_that_names_it():
    with pytest.raises(AudioFileError, match=r"none\.wav"):
        block_of(Wavetable, file="none.wav")


def test_a_silent_file_is_silent(tmp_path):
    soundfile.write(tmp_path / "nothing.wav", np.zeros(2048), 44_100)
    assert (render(500, file=str(tmp_path / "nothing.wav")) == 0).all()


@pytest.mark.parametrize("rate", [8_000.0, 192_000.0])
def test_every_rate_keeps_the_contract(rate):
    node_contract(Wavetable, sample_rate=rate, table="pulse")
