from __future__ import annotations

import numpy as np
import pytest
from alias import compiled

from graph.testing import block_of
from nodes import RingMod

TIME = np.arange(48_000) / 48_000


def render(**values):
    block = block_of(RingMod, **values)
    RingMod.process(block)
    return block.out[:, 0].astype(np.float64)


def lines(x):
    """Amplitudes in bins of 1 Hz, from one second."""
    return np.abs(np.fft.rfft(x)) / 24_000


@compiled
def test_a_sine_becomes_the_sum_and_the_difference_and_nothing_else():
    heard = lines(render(audio=np.sin(2 * np.pi * 1_000 * TIME), freq=300.0))
    assert heard[700] == pytest.approx(0.5, abs=1e-5)
    assert heard[1_300] == pytest.approx(0.5, abs=1e-5)
    heard[[700, 1_300]] = 0
    assert heard.max() < 1e-5


@compiled
def test_half_a_mix_is_amplitude_modulation():
    heard = lines(render(audio=np.sin(2 * np.pi * 1_000 * TIME), freq=300.0, mix=0.5))
    np.testing.assert_allclose(heard[[700, 1_000, 1_300]], [0.25, 0.5, 0.25], atol=1e-5)


def test_without_mix_the_signal_is_unchanged():
    x = np.sin(2 * np.pi * 1_000 * TIME).astype(np.float32)
    assert (render(audio=x, mix=0.0) == x).all()


def test_an_input_as_carrier_is_multiplied_exactly():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1, (2, 1_000)).astype(np.float32)
    np.testing.assert_allclose(render(audio=x, modulator=y, carrier="input"), x * y, atol=1e-7)


def test_silence_stays_silence():
    assert (render(audio=np.zeros(500), freq=300.0) == 0).all()
