from __future__ import annotations

import numpy as np
import pytest
from alias import C8, compiled, levels
from measure import render

from nodes import Saw


def test_first_sample_is_0_and_it_rises_to_1_in_half_a_cycle():
    out = render(Saw, 480, freq=100.0)
    assert abs(out[0]) < 1e-6
    np.testing.assert_allclose(out[:230], np.arange(230) / 240, atol=1e-5)
    assert out[244] < -0.95


@compiled
@pytest.mark.parametrize("freq", [100.0, 1_000.3, 2_093.3, 3_200.0, C8])
def test_harmonics_are_at_1_over_n_within_half_a_decibel_below_16_khz(freq):
    freq = float(np.float32(freq))
    n = np.arange(1, int(16_000 / freq) + 1)
    assert np.abs(levels(render(Saw, 2**17, freq=freq), freq)[: len(n)] + 20 * np.log10(n)).max() < 0.5


@compiled
def test_the_first_harmonic_is_two_over_pi():
    for freq in (100, 3_000, 5_000):
        assert np.abs(np.fft.rfft(render(Saw, 48_000, freq=freq)))[freq] / 24_000 == pytest.approx(2 / np.pi, rel=0.02)
