from __future__ import annotations

import numpy as np
import pytest
from alias import C8, alias, compiled, levels
from measure import render

from nodes import Impulse


@compiled
@pytest.mark.parametrize("freq", [100.0, 1_000.3, 2_991.3, 3_200.0, C8])
def test_harmonics_are_equal_within_half_a_decibel_below_16_khz(freq):
    freq = float(np.float32(freq))
    heard = levels(render(Impulse, 2**17, freq=freq), freq)
    assert np.abs(heard[: int(16_000 / freq)]).max() < 0.5


@compiled
@pytest.mark.parametrize("freq", [110.0, 440.3, 1_760.1])
def test_alias_below_16_khz_is_under_minus_68_db(freq):
    freq = float(np.float32(freq))
    assert alias(render(Impulse, 2**17, freq=freq), freq, 16_000) < -68


@compiled
@pytest.mark.parametrize("freq", [50.0, 440.0, 3_200.0, 6_000.0])
def test_the_mean_is_as_declared(freq):
    assert render(Impulse, 48_000, freq=freq).mean() == pytest.approx(1.2089 * freq / 48_000, rel=1e-3)


def test_the_first_impulse_is_immediate_and_each_later_one_is_exact_between_frames():
    out = render(Impulse, 2_000, freq=96.5)
    assert out[0] == pytest.approx(1, abs=1e-5)
    at = 48_000 / 96.5
    weights = out[480:515]
    assert np.sum(weights * np.arange(480, 515)) / np.sum(weights) == pytest.approx(at, abs=0.01)
    assert np.abs(out[10:490]).max() < 1e-6


@compiled
def test_pitch_is_right_within_a_hundredth_of_a_cent():
    out = render(Impulse, 480_000, freq=440.0)
    first, last = np.flatnonzero(out > 0.9)[[0, -1]]
    turns = round((last - first) * 440 / 48_000)
    assert abs(1200 * np.log2(turns * 48_000 / (last - first) / 440)) < 0.01
