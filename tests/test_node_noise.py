from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from graph.testing import block_of
from nodes import Noise


def noise(frames=100_000, voices=1, sample_rate=48_000.0, name="hiss", **values):
    block = block_of(Noise, frames=frames, voices=voices, sample_rate=sample_rate, name=name, **values)
    Noise.process(block)
    return block.out.astype(np.float64)


def test_white_is_uniform_from_minus_1_to_1():
    x = noise()[:, 0]
    assert stats.kstest(x, stats.uniform(-1, 2).cdf).pvalue > 0.001
    assert np.abs(x).max() <= 1


def test_white_has_the_same_power_everywhere():
    _, power = signal.welch(noise(200_000)[:, 0], 48_000, nperseg=256)
    decibels = 10 * np.log10(power[1:-1] * 48_000 / 2 * 3)
    assert np.abs(decibels).max() < 0.8
    assert abs(decibels.mean()) < 0.05


def test_white_does_not_resemble_itself_later():
    x = noise(2**17)[:, 0]
    spectrum = np.fft.rfft(x, 2**18)
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)[1:20_000] / np.sum(x**2)
    assert np.abs(likeness).max() < 0.02


@pytest.mark.parametrize("color", ["white", "pink"])
def test_lanes_are_not_correlated(color):
    x = noise(50_000, voices=8, color=color)
    if color == "pink":
        x = signal.lfilter([1, -1], [1], x, axis=0)
    likeness = np.corrcoef(x.T) - np.eye(8)
    assert np.abs(likeness).max() < 0.03


@pytest.mark.parametrize("sample_rate", [8_000.0, 44_100.0, 48_000.0, 192_000.0])
def test_pink_falls_3_db_an_octave(sample_rate):
    from nodes.noise import pink

    poles, zeros, gain = pink(sample_rate)
    freq = np.geomspace(20, min(20_000, 0.45 * sample_rate), 300)
    _, response = signal.freqz_zpk(zeros, poles, gain, freq, fs=sample_rate)
    decibels = 20 * np.log10(np.abs(response)) + 10 * np.log10(freq)
    assert np.ptp(decibels) < 0.5


def test_what_is_heard_of_pink_falls_3_db_an_octave():
    x = noise(2**19, color="pink")[:, 0]
    freq, power = signal.welch(x, 48_000, nperseg=8_192)
    octaves = [power[(freq >= low) & (freq < 2 * low)].mean() for low in 78.125 * 2.0 ** np.arange(8)]
    assert np.abs(10 * np.log10(octaves) + 3.01 * np.arange(8) - 10 * np.log10(octaves[4]) - 12.04).max() < 0.6


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_pink_has_an_rms_of_a_quarter(sample_rate):
    x = noise(2**19, sample_rate=sample_rate, color="pink")
    assert np.sqrt(np.mean(x**2)) == pytest.approx(0.25, rel=0.1)


def test_the_same_name_gives_the_same_bytes():
    assert noise(500).tobytes() == noise(500).tobytes()


def test_another_name_or_seed_gives_another_noise():
    one, other, seeded, again = noise(500), noise(500, name="rain"), noise(500, seed=7), noise(500, name="x", seed=7)
    assert np.abs(np.corrcoef([one[:, 0], other[:, 0], seeded[:, 0]]) - np.eye(3)).max() < 0.2
    assert (seeded == again).all()


def test_a_voice_sounds_the_same_however_many_there_are():
    assert (noise(200, voices=2)[:, 1] == noise(200, voices=16)[:, 1]).all()


def test_level_scales_each_voice():
    level = np.array([[0.0, 1.0, 0.25]]) * np.ones((300, 1))
    out, full = noise(300, voices=3, level=level), noise(300, voices=3)
    np.testing.assert_allclose(out, full * level, rtol=1e-6)


@pytest.mark.parametrize("color", ["white", "pink"])
def test_compiled_equals_plain_python(color):
    block = block_of(Noise, frames=300, voices=2, name="hiss", color=color)
    Noise.kernel.run_plain(block)
    assert np.abs(block.out - noise(300, voices=2, color=color)).max() < 1e-5
