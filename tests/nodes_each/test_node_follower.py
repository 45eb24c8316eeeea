from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Follower


def followed(audio, **values):
    block = block_of(Follower, audio=np.asarray(audio), **values)
    Follower.process(block)
    return block.out[:, 0]


TONE = np.sin(2 * np.pi * 1_000 / 48_000 * np.arange(24_000))


def test_rms_of_a_sine_is_0_707_of_its_crest():
    out = followed(0.5 * TONE, attack=0.1, release=0.1, measure="rms")
    assert out[-4_800:].mean() == pytest.approx(0.5 * 2**-0.5 * (1 - np.exp(-4.5)) ** 0.5, rel=0.01)


@pytest.mark.parametrize(("attack", "release"), [(0.005, 0.1), (0.0, 0.1), (0.001, 0.5), (0.1, 0.005), (0.05, 0.05)])
@pytest.mark.parametrize("frequency", [55, 110, 440, 1_000, 4_000])
def test_rms_of_a_sine_is_0_707_of_its_crest_whatever_the_times(attack, release, frequency):
    tone = 0.5 * np.sin(2 * np.pi * frequency / 48_000 * np.arange(144_000))
    out = followed(tone, attack=attack, release=release, measure="rms")
    assert out[-24_000:].mean() == pytest.approx(0.5 * 2**-0.5, rel=0.01)


def test_rms_of_noise_is_its_standard_deviation():
    noise = np.random.default_rng(3).normal(0.0, 0.2, 240_000)
    assert followed(noise, measure="rms")[-96_000:].mean() == pytest.approx(0.2, rel=0.02)


def test_rms_comes_63_percent_of_the_power_in_its_attack_and_its_release():
    out = followed(np.concatenate([TONE, np.zeros(24_000)]), attack=0.02, release=0.2, measure="rms") ** 2 / 0.5
    assert np.argmax(out > 1 - np.exp(-1)) == pytest.approx(0.02 * 48_000, rel=0.05)
    assert np.argmax(out[24_000:] < np.exp(-1)) == pytest.approx(0.2 * 48_000, rel=0.02)
    assert np.abs(np.diff(out)).max() < 2 / (0.02 * 48_000)  # no step where the time constants switch


def test_peak_follows_the_crests():
    out = followed(0.5 * TONE, attack=0.0, release=1.0)
    assert out[-4_800:].mean() == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0])
def test_attack_and_release_are_exponentials_of_their_times(sample_rate):
    n = round(0.1 * sample_rate)
    out = followed(np.concatenate([np.ones(n), np.zeros(n)]), attack=0.02, release=0.05, sample_rate=sample_rate)
    t = np.arange(1, n + 1) / sample_rate
    assert out[:n] == pytest.approx(1 - np.exp(-t / 0.02), abs=1e-4)
    assert out[n:] == pytest.approx(out[n - 1] * np.exp(-t / 0.05), abs=1e-4)
