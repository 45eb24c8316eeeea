from __future__ import annotations

import numpy as np
import pytest
from alias import compiled
from scipy import signal, stats

from graph.testing import block_of
from nodes import Noise
from nodes.noise import brown, pink


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


@compiled
def test_white_does_not_resemble_itself_later():
    x = noise(2**17)[:, 0]
    spectrum = np.fft.rfft(x, 2**18)
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)[1:20_000] / np.sum(x**2)
    assert np.abs(likeness).max() < 0.02


@pytest.mark.parametrize("color", ["white", "pink", "brown"])
def test_lanes_are_not_correlated(color):
    x = noise(50_000, voices=8, color=color)
    if color != "white":
        x = signal.lfilter([1, -1], [1], x, axis=0)
    likeness = np.corrcoef(x.T) - np.eye(8)
    assert np.abs(likeness).max() < 0.03


@pytest.mark.parametrize("sample_rate", [8_000.0, 44_100.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize(("color", "slope"), [(pink, 1), (brown, 2)])
def test_colors_fall_3_and_6_db_per_octave_within_0_3(color, slope, sample_rate):
    poles, zeros, gain = color(sample_rate)
    freq = np.geomspace(20, min(20_000, 0.45 * sample_rate), 300)
    _, response = signal.freqz_zpk(zeros, poles, gain, freq, fs=sample_rate)
    decibels = 20 * np.log10(np.abs(response)) + 10 * slope * np.log10(freq)
    octave = np.searchsorted(freq, 2 * freq[freq < freq[-1] / 2])
    assert np.abs(decibels[octave] - decibels[: len(octave)]).max() < 0.3


@compiled
@pytest.mark.parametrize(("color", "slope"), [("white", 0.0), ("pink", 3.01), ("brown", 6.02)])
def test_the_audible_spectrum_falls_by_its_db_per_octave(color, slope):
    freq, power = signal.welch(noise(2**20, color=color)[:, 0], 48_000, nperseg=4_096)
    octaves = [power[(freq >= low) & (freq < 2 * low)] @ freq[(freq >= low) & (freq < 2 * low)] ** (slope / 3.01)
               for low in 156.25 * 2.0 ** np.arange(7)]  # fmt: skip
    counts = [np.sum((freq >= low) & (freq < 2 * low)) for low in 156.25 * 2.0 ** np.arange(7)]
    decibels = 10 * np.log10(np.array(octaves) / counts)
    assert abs(np.polyfit(np.arange(7), decibels, 1)[0]) < 0.1
    assert np.abs(decibels - decibels.mean()).max() < 0.6


@compiled
@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("color", ["pink", "brown"])
def test_colors_have_an_rms_of_a_quarter(color, sample_rate):
    x = noise(2**18, voices=8, sample_rate=sample_rate, color=color)
    assert np.sqrt(np.mean(x**2)) == pytest.approx(0.25, rel=0.15)


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


@pytest.mark.parametrize("color", ["white", "pink", "brown"])
def test_compiled_equals_plain_python(color):
    block = block_of(Noise, frames=300, voices=2, name="hiss", color=color)
    Noise.kernel.run_plain(block)
    assert np.abs(block.out - noise(300, voices=2, color=color)).max() < 1e-5
