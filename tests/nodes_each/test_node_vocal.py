from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, band_level, centroid, cents, need_compiled, pitch, spectrum

from graph.testing import block_of
from nodes import Vocal
from nodes.dsp.singing.voice_tract import VOWELS


def sing(seconds=0.6, sample_rate=48_000.0, **values):
    values = {"gate": 1.0, "vibrato": 0.0, "breath": 0.0, **values}
    frames = round(seconds * sample_rate)
    need_compiled(frames)
    block = block_of(Vocal, frames=frames, sample_rate=sample_rate, name="under test", **values)
    Vocal.process(block)
    assert np.isfinite(block.out).all()
    return block.out[:, 0].astype(np.float64)


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", [55.0, 220.0, 1_046.5])
def test_it_is_in_tune(freq, sample_rate):
    x = sing(sample_rate=sample_rate, freq=freq)[round(0.1 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 0.1


@pytest.mark.parametrize("vowel", range(5))
def test_the_formants_are_those_of_the_vowel(vowel):
    x = sing(1.0, freq=20.0, vowel=float(vowel))[9_600:]
    freqs, levels = spectrum(x, 48_000, pad=1)
    envelope = np.array([levels[(freqs > f - 25) & (freqs < f + 25)].max() for f in np.arange(150, 4_000, 10)])
    peaks = 150 + 10 * (1 + np.flatnonzero((envelope[1:-1] >= envelope[:-2]) & (envelope[1:-1] >= envelope[2:])))
    for formant in tuple(VOWELS.values())[vowel][0][:3]:
        assert np.abs(peaks - formant).min() < 45


@pytest.mark.parametrize("tract", [0.8, 1.3])
def test_a_shorter_tract_moves_the_formants_up_and_leaves_the_pitch(tract):
    x = sing(1.0, freq=110.0, tract=tract)[9_600:]
    assert abs(cents(pitch(x, 48_000, 110), 110)) < 0.1
    first = 800 * tract
    assert band_level(x, 48_000, 0.9 * first, 1.1 * first) > band_level(x, 48_000, 0.5 * first, 0.6 * first) + 6


def test_more_effort_is_louder_and_brighter():
    soft, loud = (sing(freq=140.0, velocity=v)[9_600:] for v in (0.1, 1.0))
    assert np.abs(loud).max() > 2 * np.abs(soft).max()
    assert centroid(loud, 48_000) > 1.1 * centroid(soft, 48_000)


def test_the_vibrato_fades_in_to_its_depth():
    x = sing(3.0, freq=400.0, vibrato=100.0, rate=4.0, vowel=4.0)
    crossings = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    times = crossings + x[crossings] / (x[crossings] - x[crossings + 1])
    found = 48_000 / np.diff(times)
    found = 1_200 * np.log2(np.convolve(found, np.ones(5) / 5, "valid") / 400)
    assert np.abs(found[20:60]).max() < 15
    assert 75 < np.abs(found[-300:]).max() < 115


@pytest.mark.parametrize("vowel", [0.0, 1.0, 2.0, 2.5, 4.0])
@pytest.mark.parametrize("tract", [0.85, 1.0])
def test_neighboring_keys_are_about_as_loud_and_none_clips(tract, vowel):
    need_compiled(37 * 24_000)
    freq = np.broadcast_to(440 * 2 ** (np.arange(-21, 16) / 12), (24_000, 37))
    values = {"freq": freq, "vowel": vowel, "tract": tract, "vibrato": 0.0, "breath": 0.0}
    block = block_of(Vocal, name="under test", gate=1.0, velocity=1.0, **values)
    Vocal.process(block)
    level = 10 * np.log10((block.out[9_600:] ** 2).mean(0))
    assert np.abs(np.diff(level)).max() < 3
    assert np.abs(block.out).max() < 1


def test_breath_is_noise():
    clean, airy = (sing(freq=150.0, breath=b)[9_600:] for b in (0.0, 1.0))
    between = [band_level(x, 48_000, 1_125 - 30, 1_125 + 30) - band_level(x, 48_000, 870, 930) for x in (clean, airy)]
    assert between[1] > between[0] + 6


def test_it_stays_in_range_and_has_no_offset():
    for vowel in range(5):
        for freq in (110.0, 330.0):
            x = sing(vowel=float(vowel), freq=freq, velocity=1.0)[4_800:]
            assert 0.15 < np.abs(x).max() < 1.3
            assert abs(x.mean()) < 0.01


def test_it_ends_in_exact_silence():
    x = sing(1.6, gate=(np.arange(76_800) < 9_600).astype(float), release=0.02)
    assert np.abs(x[:9_600]).max() > 0.1
    assert not x[-2_400:].any()


def test_it_is_silent_until_the_gate_opens():
    assert not sing(0.05, gate=0.0).any()
