"""Rotary: Doppler shift and levels from geometry, and the acceleration of its rotors."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step
from scipy.signal import hilbert

from graph.testing import block_of, node_contract
from nodes import Rotary

RATE = 16_000.0


def turned(freq, seconds=2.0, **inputs):
    tone = np.sin(2 * np.pi * freq / RATE * np.arange(int(seconds * RATE)))
    block = block_of(Rotary, audio=tone, sample_rate=RATE, **inputs)
    Rotary.process(block)
    return block.out.astype(np.float64)


def pitch(signal, freq):
    smooth = np.convolve(np.diff(np.unwrap(np.angle(hilbert(signal)))), np.ones(40) / 40, "same")
    return (smooth * RATE / (2 * np.pi * freq))[800:-800]


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(Rotary, sample_rate=sample_rate)


def test_the_horn_has_a_doppler_shift():
    """The mouth's speed toward the microphone is highest where the line of sight is tangent to its circle."""
    bend = pitch(turned(7_000.0)[:, 0], 7_000.0)
    mouth = 2 * np.pi * 6.7 * 0.19 / 343
    assert bend.max() - 1 == pytest.approx(mouth, rel=0.05)
    assert 1 - bend.min() == pytest.approx(mouth, rel=0.05)


def test_the_drum_bends_it_less_and_turns_the_other_way():
    bend = pitch(turned(150.0)[:, 0], 150.0)[2_000:-2_000]
    assert bend.max() - 1 == pytest.approx(2 * np.pi * 5.7 * 0.10 / 343, rel=0.15)
    level = np.abs(hilbert(turned(150.0, angle=90.0), axis=0))[800:-800]
    spectrum = np.fft.rfft(level - level.mean(axis=0), axis=0)
    drum = np.argmax(np.abs(spectrum[:, 0]))
    high = np.abs(hilbert(turned(3_000.0, angle=90.0), axis=0))[800:-800]
    other = np.fft.rfft(high - high.mean(axis=0), axis=0)
    horn = np.argmax(np.abs(other[:, 0]))
    lead = np.angle(spectrum[drum, 1] / spectrum[drum, 0]), np.angle(other[horn, 1] / other[horn, 0])
    np.testing.assert_allclose(np.sort(lead), [-np.pi / 2, np.pi / 2], atol=0.2)


def test_the_level_sways_at_6_7_hz():
    level = np.abs(hilbert(turned(3_000.0, seconds=3)[:, 0]))[800:-800]
    spectrum = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)), 2**18))
    assert np.argmax(spectrum) * RATE / 2**18 == pytest.approx(6.7, abs=0.1)


def test_with_stopped_rotors_both_bands_sum_to_a_flat_response():
    """The crossover alone is an all-pass; with stopped rotors, the rest is a fixed filter without notches."""
    audio = np.zeros(8_000)
    audio[0] = 1
    block = block_of(Rotary, audio=audio, sample_rate=RATE, speed=0.0, angle=0.0)
    Rotary.process(block)
    level = 20 * np.log10(np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64)))[30:2_000])
    assert level.max() < 1
    assert level.min() > -2


def test_the_horn_gathers_speed_before_the_drum():
    block = block_of(Rotary, speed=1.0, frames=16_000, sample_rate=RATE, spin=np.array([0.12, 0.12], np.float32))
    Rotary.process(block)
    horn, drum = block.spin
    assert horn == pytest.approx(1 - 0.88 * np.exp(-4), abs=0.01)
    assert drum == pytest.approx(1 - 0.88 * np.exp(-1), abs=0.01)


@pytest.mark.parametrize(
    ("port", "before", "after"), [("speed", 0.0, 1.5), ("angle", 0.0, 180.0), ("drum", 0.0, 2.0), ("weight", 4.0, 0.05)]
)
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_step(Rotary, port, before, after) < -60
