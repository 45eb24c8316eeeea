"""SoftClip: tanh, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import SoftClip


def clipped(audio, **inputs):
    block = block_of(SoftClip, audio=audio, **inputs)
    SoftClip.process(block)
    return block.out[:, 0].astype(np.float64)


@pytest.mark.parametrize("drive", [0.5, 1.0, 2.0, 100.0])
def test_the_curve_is_tanh_of_the_driven_signal(drive):
    audio = np.linspace(-3, 3, 2001, dtype=np.float32)
    np.testing.assert_allclose(clipped(audio, drive=drive), np.tanh(drive * audio.astype(np.float64)), atol=1e-6)


def test_out_never_exceeds_full_scale():
    audio = np.array([-1e30, -1e4, -20, -8.51, 8.51, 20, 1e4, 1e30, np.inf, -np.inf], np.float32)
    assert np.abs(clipped(audio, drive=100.0)).max() <= 1


def test_louder_in_is_never_softer_out():
    assert (np.diff(clipped(np.linspace(-12, 12, 4001, dtype=np.float32))) > -1e-6).all()


def test_quiet_signals_pass_at_unity_gain():
    audio = np.full(4, 1e-3, np.float32)
    np.testing.assert_allclose(clipped(audio), 1e-3, rtol=1e-6)


def test_quiet_signals_gain_the_drive():
    np.testing.assert_allclose(clipped(np.full(4, 1e-4, np.float32), drive=20.0), 2e-3, rtol=1e-5)


def test_drive_of_zero_is_silence():
    assert not clipped(np.ones(4, np.float32), drive=0.0).any()


def test_a_sine_gains_odd_harmonics_only():
    count, periods = 4096, 16
    sine = np.sin(2 * np.pi * periods * np.arange(count) / count).astype(np.float32)
    level = np.abs(np.fft.rfft(clipped(sine, drive=3.0))) / (count / 2)
    odd, even = level[periods * 3 : periods * 20 : periods * 2], level[0 : periods * 20 : periods * 2]
    assert odd[0] > 0.1
    assert even.max() < 1e-6
