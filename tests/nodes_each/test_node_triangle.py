from __future__ import annotations

import numpy as np
import pytest
from alias import C8, compiled, levels
from measure import render

from nodes import Triangle


def test_it_starts_at_0_and_rises_to_1_in_a_quarter_of_a_cycle():
    out = render(Triangle, 480, freq=100.0)
    np.testing.assert_allclose(out[:115], np.arange(115) / 120, atol=1e-5)
    assert np.argmax(out) == 120
    assert np.argmin(out) == 360


@compiled
@pytest.mark.parametrize("freq", [100.0, 1_000.3, 1_900.3, C8])
def test_odd_harmonics_are_at_1_over_n_squared_within_half_a_decibel_below_16_khz(freq):
    freq = float(np.float32(freq))
    n = np.arange(1, int(16_000 / freq) + 1, 2)
    heard = levels(render(Triangle, 2**17, freq=freq), freq)
    assert np.abs(heard[::2][: len(n)] + 40 * np.log10(n)).max() < 0.5
    assert heard[1::2].max() < -100


@compiled
def test_the_first_harmonic_is_eight_over_pi_squared():
    for freq in (100, 2_000, 5_000):
        heard = np.abs(np.fft.rfft(render(Triangle, 48_000, freq=freq)))[freq] / 24_000
        assert heard == pytest.approx(8 / np.pi**2, rel=0.02)
