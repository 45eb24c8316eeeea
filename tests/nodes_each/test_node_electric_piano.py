from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from struck import RATES, cents, kept_in_step, peak_db, pitch, play, spectrum, steepest

from nodes import ElectricPiano

KEYS = [41.2, 110.0, 440.0, 1_760.0, 4_186.0]


def partial(x, freq, n):
    """Level of a partial relative to the first, in dB."""
    freqs, levels = spectrum(x, 48_000)
    at = [levels[np.argmin(np.abs(freqs - freq * m))] for m in (1, n)]
    return at[1] - at[0]


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", KEYS)
def test_it_is_in_tune(freq, sample_rate):
    if freq > 0.4 * sample_rate:
        pytest.skip("half the sample rate")
    x = play(ElectricPiano, 1.0, sample_rate, freq=freq)[round(0.05 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 0.5


def test_the_harder_the_strike_the_more_harmonics():
    for n in (2, 3, 4):
        levels = [partial(play(ElectricPiano, 0.3, velocity=v, freq=130.0), 130, n) for v in (0.2, 0.6, 1.0)]
        assert levels == sorted(levels)
        assert levels[2] > levels[0] + 6


def test_a_centered_pickup_outputs_the_octave():
    octave = [partial(play(ElectricPiano, 0.4, offset=o, velocity=0.4, freq=196.0), 196, 2) for o in (0.0, 0.6)]
    assert octave[0] > octave[1] + 6


def test_bark_brings_the_pickup_nearer():
    growl = [partial(play(ElectricPiano, 0.4, bark=b, freq=82.4), 82.4, 3) for b in (0.0, 1.0)]
    assert growl[1] > growl[0] + 10


def test_the_ping_is_not_harmonic_and_dies_first():
    x = play(ElectricPiano, 0.5, freq=196.0, bell=1.0, velocity=0.5)[:, 0]
    early, late = (spectrum(part, 48_000) for part in (x[:4_800], x[-4_800:]))
    at = np.argmin(np.abs(early[0] - 196 * 7.11))
    assert early[1][at] > late[1][at] + 15


def test_it_falls_by_60_db_in_its_decay():
    x = play(ElectricPiano, 1.0, freq=220.0, decay=2.0, velocity=0.2, bell=0.0)[:, 0]
    early, late = (np.abs(x[a : a + 4_800]).max() for a in (9_600, 9_600 + 24_000))
    assert 20 * np.log10(early / late) == pytest.approx(15, rel=0.06)


def test_the_gate_damps_it():
    gate = (np.arange(19_200) < 9_600).astype(float)
    x = play(ElectricPiano, 0.4, gate=gate, release=0.1)
    assert np.abs(x[9_600 + 5_760 :]).max() < 3e-3 * np.abs(x[:9_600]).max()


@pytest.mark.parametrize("at", [0.0501, 0.0537, 0.0563])
def test_a_second_strike_does_not_click(at):
    once, again = (play(ElectricPiano, 0.1, at=times, bell=0.0) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


def test_it_stays_in_range_and_has_no_offset():
    for freq in (55.0, 220.0, 1_760.0):
        x = play(ElectricPiano, 0.3, freq=freq, velocity=1.0, bark=1.0)
        assert 0.2 < np.abs(x).max() < 1.3
        assert abs(x.mean()) < 0.03
    assert np.abs(play(ElectricPiano, 0.3, at=np.arange(140) / 480)).max() < 2


@pytest.mark.parametrize("freq", [55.0, 82.4, 110.0, 220.0, 659.3])
def test_a_strike_has_no_infrasonic_thump(freq):
    x = play(ElectricPiano, 1.0, freq=freq, velocity=0.9)[:, 0]
    x[-19_200:] *= np.hanning(38_400)[19_200:]  # an end would be a thump as well
    below = signal.firwin(48_001, 21.0, fs=48_000, window=("kaiser", 9.0))
    assert peak_db(signal.fftconvolve(x, below)) < -35


@pytest.mark.parametrize("freq", [27.5, 41.2, 55.0, 73.4, 110.0])
def test_the_lowest_keys_keep_their_fundamental(freq):
    x = play(ElectricPiano, 2.0, freq=freq, velocity=0.1, bark=0.0, bell=0.0, offset=1.0, decay=60.0)[24_000:, 0]
    # The pickup passes small swings on as they are: by how far they go, and by the slope of its field.
    swing = 0.1 * 1.0 * 10 ** (-3 * 1.25 / 60 * np.sqrt(freq / 220))
    wanted = swing * 0.5 * 2.0 / (1 + 1.0) ** 2 * 1.6
    turns = np.exp(-2j * np.pi * freq / 48_000 * np.arange(len(x)))
    found = np.abs((x * np.hanning(len(x)) * turns).sum()) * 4 / len(x)
    assert abs(20 * np.log10(found / wanted)) < 1


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(ElectricPiano)
    np.testing.assert_allclose(early, late, atol=1e-5)
    assert early[0] != 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(ElectricPiano, 0.8, decay=0.25)[-1_200:].any()
    assert not play(ElectricPiano, 0.05, at=()).any()
