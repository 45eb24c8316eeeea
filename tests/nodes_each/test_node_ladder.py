from __future__ import annotations

import numpy as np
import pytest
from alias import compiled
from measure import alias_of, click_of, db, response

from graph.testing import block_of
from nodes import Ladder


def sung(cutoff, resonance, sample_rate=48_000.0):
    """Pitch of self-oscillation above the cutoff in cents, and its level."""
    audio = np.zeros(30_000)
    audio[:20] = 0.5
    block = block_of(Ladder, audio=audio, cutoff=cutoff, resonance=resonance, sample_rate=sample_rate)
    Ladder.process(block)
    out = block.out[10_000:, 0].astype(np.float64)
    size = 1 << 20
    spectrum = np.log(np.abs(np.fft.rfft(out * np.blackman(len(out)), size)))
    k = spectrum.argmax()
    a, b, c = spectrum[k - 1 : k + 2]
    place = k + 0.5 * (a - c) / (a - 2 * b + c)
    return 1_200 * np.log2(place * sample_rate / size / cutoff), np.abs(out).max()


@compiled
@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0])
@pytest.mark.parametrize("cutoff", [220.0, 1_000.0, 3_000.0, 8_000.0])
def test_it_sings_its_cutoff_within_3_cents(cutoff, sample_rate):
    for resonance in (1.1, 1.2):
        cents, level = sung(cutoff, resonance, sample_rate)
        assert abs(cents) < 1
        assert 0.2 < level < 1


@compiled
def test_below_a_resonance_of_1_it_falls_silent():
    assert sung(1_000.0, 0.95)[1] < 1e-3


def test_quiet_signals_meet_the_analog_ladder():
    audio = np.zeros(16_384, np.float32)
    audio[0] = 0.01
    block = block_of(Ladder, audio=audio, cutoff=1_000.0, resonance=0.5)
    Ladder.process(block)
    gain = np.fft.rfft(block.out[:, 0].astype(np.float64)) / 0.01
    freq = np.fft.rfftfreq(16_384, 1 / 48_000)
    one = 1 / (1 + 1j * freq / 1_000)
    truth = 2 * one**4 / (1 + 2 * one**4)
    part = (freq < 4_000) & (freq > 20)
    assert np.abs(db(gain) - db(truth))[part].max() < 0.1


def test_slope_is_24_db_per_octave():
    freq, gain = response(Ladder, cutoff=200.0, resonance=0.0, drive=0.1)
    assert np.interp(1_600, freq, db(gain)) - np.interp(3_200, freq, db(gain)) == pytest.approx(24, abs=0.6)


@compiled
def test_aliases_of_a_sine_driven_by_20_db_are_below_minus_60_db():
    for cutoff in (1_000.0, 2_000.0, 8_000.0, 20_000.0):
        for resonance in (0.0, 0.9):
            assert alias_of(Ladder, 5_000.0, 10.0, cutoff=cutoff, resonance=resonance) < -60


def test_noise_on_every_knob_stays_bounded():
    rng = np.random.default_rng(0)
    audio, wild = rng.uniform(-1, 1, (2, 8_000))
    cutoff = 20 * 1_000 ** (0.5 + 0.5 * wild)
    block = block_of(Ladder, audio=audio, cutoff=cutoff, resonance=1.2, drive=100.0)
    Ladder.process(block)
    assert np.abs(block.out).max() < 8


@pytest.mark.parametrize(("word", "before", "after"), [("cutoff", 100, 10_000), ("resonance", 0, 1), ("drive", 0.1, 1)])
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Ladder, word, before, after, **({} if word == "drive" else {"drive": 0.2})) < -60
