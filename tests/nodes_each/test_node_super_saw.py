from __future__ import annotations

import numpy as np
import pytest
from alias import C8, alias, compiled

from graph.testing import block_of, node_contract
from nodes import Saw, SuperSaw


def render(frames, sample_rate=48_000.0, voices=1, name="lead", **values):
    block = block_of(SuperSaw, frames=frames, sample_rate=sample_rate, voices=voices, name=name, **values)
    SuperSaw.process(block)
    return block.out.astype(np.float64)


@compiled
def test_its_seven_pitches_are_those_of_the_jp_8000():
    x = render(2**19, freq=1_000.0, detune=60.0, spread=0.0)[:, 0]
    power = np.abs(np.fft.rfft(x * np.kaiser(len(x), 14), 2**21)) ** 2
    hertz = np.arange(len(power)) * 48_000 / 2**21
    near = np.flatnonzero((hertz > 950) & (hertz < 1_050))
    peaks = [k for k in near if power[k] > power[near].max() / 100 and power[k] == power[k - 20 : k + 21].max()]
    cents = 1200 * np.log2(hertz[peaks] / 1_000)
    wanted = 60 * np.array([-0.11002313, -0.06288439, -0.01952356, 0, 0.01991221, 0.06216538, 0.10745242]) / 0.11002313
    np.testing.assert_allclose(cents, wanted, atol=0.1)


def test_mix_0_is_one_saw():
    block = block_of(SuperSaw, frames=2_000, freq=110.0, mix=0.0, detune=0.0, spread=0.0, name="lead")
    phase = block.phases[3].copy()
    SuperSaw.process(block)
    saw = block_of(Saw, frames=2_000, freq=110.0, turn=phase)
    Saw.process(saw)
    # The thesis leaves the six others at a twentieth.
    assert np.corrcoef(block.out[:, 0], saw.out[:, 0])[0, 1] > 0.99


@compiled
@pytest.mark.parametrize("mix", [0.0, 0.3, 0.7, 1.0])
def test_it_is_as_loud_as_one_saw_at_every_mix(mix):
    mono = render(2**18, freq=441.3, mix=mix, spread=0.0)[:, 0]
    assert 20 * np.log10(np.sqrt(np.mean(mono**2)) * np.sqrt(3)) == pytest.approx(0, abs=1)


def test_left_and_right_add_up_to_the_mono_sound_at_every_spread():
    mono, wide = render(3_000, freq=220.0, spread=0.0), render(3_000, freq=220.0, spread=1.0)
    np.testing.assert_allclose(mono[:, 0], mono[:, 1], atol=0)
    np.testing.assert_allclose(wide.sum(1), mono.sum(1), atol=1e-5)
    assert np.corrcoef(wide[:, 0], wide[:, 1])[0, 1] < 0.8


@compiled
def test_the_two_sides_are_equally_loud():
    power = np.mean(render(2**18, freq=333.0, spread=1.0) ** 2, axis=0)
    assert 10 * np.log10(power[0] / power[1]) == pytest.approx(0, abs=0.5)


@compiled
def test_alias_at_c8_is_below_minus_110_db():
    heard = render(2**17, freq=C8, detune=0.0, spread=0.0)[:, 0]
    assert alias(heard, C8) < -110
    detuned = render(2**17, freq=C8, detune=50.0, spread=0.0)[:, 0]
    power = np.abs(np.fft.rfft(detuned * np.kaiser(2**17, 26))) ** 2
    hertz = np.fft.rfftfreq(2**17, 1 / 48_000)
    tone = np.abs(hertz / C8 - np.rint(hertz / C8)) < np.maximum(0.031 * np.rint(hertz / C8), 0.005)
    assert 10 * np.log10(power[~tone & (hertz > 200)].sum() / power[tone].sum()) < -110


@compiled
def test_alias_below_16_khz_is_under_minus_90_db_in_the_middle_of_the_keyboard():
    freq = float(np.float32(440.3))
    assert alias(render(2**17, freq=freq, detune=0.0, spread=0.0)[:, 0], freq, 16_000) < -90


def test_voices_start_in_other_phases_and_a_name_always_in_the_same():
    first = render(10, freq=220.0, voices=3)
    assert len(set(first[0, :3])) == 3
    assert (first == render(10, freq=220.0, voices=3)).all()
    assert (first != render(10, freq=220.0, voices=3, name="pad")).any()
    assert (render(10, freq=220.0, seed=5) == render(10, freq=220.0, seed=5, name="pad")).all()


def test_a_voice_sounds_the_same_however_many_there_are():
    two, five = render(200, freq=220.0, voices=2), render(200, freq=220.0, voices=5)
    np.testing.assert_allclose(two[:, [1, 3]], five[:, [1, 6]], atol=1e-6)


@pytest.mark.parametrize("rate", [8_000.0, 48_000.0, 192_000.0])
def test_the_contract_is_kept(rate):
    node_contract(SuperSaw, sample_rate=rate)
