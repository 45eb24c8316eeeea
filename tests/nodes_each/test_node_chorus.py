"""Chorus: the delays of its copies, and the level of their sum."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step

from graph.testing import block_of
from nodes import Chorus

RANDOM = np.random.default_rng(7)
RATE = 8_000.0


def chorused(audio, **inputs):
    block = block_of(Chorus, audio=audio, sample_rate=RATE, **inputs)
    Chorus.process(block)
    return block.out.astype(np.float64)


def delays(frames, rate, depth, delay):
    """Theory: samples of delay of (left, right) x three copies at every frame."""
    turns = rate * np.arange(frames) / RATE + np.array([[[0], [1 / 3], [2 / 3]], [[1 / 4], [7 / 12], [11 / 12]]])
    return RATE * (delay + depth * np.sin(2 * np.pi * turns))


def test_without_mix_the_signal_passes_bit_by_bit():
    audio = RANDOM.standard_normal((500, 2)).astype(np.float32)
    np.testing.assert_array_equal(chorused(audio, mix=0.0), audio)


@pytest.mark.parametrize(("rate", "depth", "delay"), [(5.0, 0.002, 0.009), (0.8, 0.004, 0.02), (10.0, 0.0005, 0.002)])
def test_the_copies_follow_their_lfos_with_left_and_right_in_quadrature(rate, depth, delay):
    frames, cycles = 3_000, 0.03
    audio = np.sin(2 * np.pi * cycles * np.arange(frames)).astype(np.float32)
    out = chorused(audio, rate=rate, depth=depth, delay=delay, mix=1.0)
    copies = np.sin(2 * np.pi * cycles * (np.arange(frames) - delays(frames, rate, depth, delay)))
    settled = int(0.03 * RATE)
    np.testing.assert_allclose(out[settled:], copies.sum(axis=1).T[settled:] / np.sqrt(3), atol=1e-3)


def test_an_impulse_returns_three_times_per_side():
    audio = np.zeros((700, 2), np.float32)
    audio[300] = 1
    out = chorused(audio, rate=2.0, depth=0.008, delay=0.02, mix=1.0)
    for side in range(2):
        late = np.arange(700) - 300 - delays(700, 2.0, 0.008, 0.02)[side]
        for at in np.argmin(np.abs(late), axis=1):
            near = slice(at - 6, at + 7)
            exact = at - late[:, at][np.abs(late[:, at]).argmin()]
            center = (out[near, side] * np.arange(700)[near]).sum() / out[near, side].sum()
            assert center == pytest.approx(exact, abs=0.6)
            assert out[near, side].sum() == pytest.approx(1 / np.sqrt(3), rel=0.2)


def test_without_depth_it_is_a_plain_delay():
    audio = RANDOM.standard_normal((500, 2)).astype(np.float32)
    out = chorused(audio, depth=0.0, delay=0.005, mix=1.0)
    np.testing.assert_allclose(out[40:], np.sqrt(3) * audio[:-40], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mix", [0.5, 1.0])
def test_noise_stays_about_as_loud(mix):
    noise = np.repeat(RANDOM.standard_normal((20_000, 1)).astype(np.float32), 2, axis=1)
    power = (chorused(noise, mix=mix, rate=3.0)[500:] ** 2).mean(axis=0)
    expected = (1 - mix) ** 2 + mix**2  # two unlike signals
    np.testing.assert_allclose(10 * np.log10(power / expected), 0, atol=1)


def test_in_mono_the_sides_do_not_cancel():
    noise = np.repeat(RANDOM.standard_normal((20_000, 1)).astype(np.float32), 2, axis=1)
    sides = chorused(noise, mix=1.0, rate=3.0)[500:]
    mono = sides.mean(axis=1)
    assert 10 * np.log10((mono**2).mean() / (sides**2).mean()) == pytest.approx(-3, abs=0.7)


def test_the_sides_differ():
    noise = np.repeat(RANDOM.standard_normal((20_000, 1)).astype(np.float32), 2, axis=1)
    assert abs(np.corrcoef(chorused(noise, mix=1.0, rate=3.0)[500:].T)[0, 1]) < 0.2


@pytest.mark.parametrize("feedback", [0.7, -0.7])
def test_feedback_rings_and_dies_away(feedback):
    audio = np.zeros((6_000, 2), np.float32)
    audio[:100] = RANDOM.uniform(-1, 1, (100, 2))
    ringing, plain = chorused(audio, feedback=feedback, mix=1.0), chorused(audio, mix=1.0)
    assert np.abs(plain[300:]).max() == 0
    assert np.abs(ringing[300:600]).max() > 0.05
    assert np.abs(ringing[5_000:]).max() < 1e-4


@pytest.mark.parametrize("fraction", [0.0, 0.21, 0.5, 0.77])
def test_the_delay_is_exact_to_a_hundredth_of_a_frame_and_the_top_stays(fraction):
    samples = 480 + fraction
    audio = np.zeros((4_800, 2))
    audio[0] = 1
    block = block_of(Chorus, audio=audio, depth=0.0, delay=samples / 48_000, mix=1.0)
    Chorus.process(block)
    spectrum = np.fft.rfft(block.out[:, 0].astype(np.float64))[10:1_501] / np.sqrt(3)
    freq = np.arange(10, 1_501) / 4_800
    assert np.abs(np.angle(spectrum * np.exp(2j * np.pi * freq * samples)) / (2 * np.pi * freq)).max() < 0.01
    loss = 20 * np.log10(np.abs(spectrum))
    assert loss.min() > -0.5
    assert loss.max() < 0.01


@pytest.mark.parametrize(
    ("port", "before", "after"),
    [("delay", 0.001, 0.05), ("depth", 0.0, 0.01), ("feedback", -0.7, 0.7), ("mix", 0.0, 1.0), ("rate", 0.1, 10.0)],
)
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_step(Chorus, port, before, after) < -60
