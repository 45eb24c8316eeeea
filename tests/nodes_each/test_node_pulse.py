from __future__ import annotations

import numpy as np
import pytest
from alias import alias, compiled
from measure import render

from nodes import Pulse


@compiled
@pytest.mark.parametrize("width", [0.05, 0.3, 0.5, 0.95])
def test_mean_is_zero_at_every_width(width):
    assert abs(render(Pulse, 48_000, freq=100.0, width=width).mean()) < 1e-5


def test_levels_are_two_apart_and_high_for_the_width():
    out = render(Pulse, 4_800, freq=10.0, width=0.25)
    assert np.median(out[10:1_190]) == pytest.approx(1.5, abs=1e-4)
    assert np.median(out[1_210:4_790]) == pytest.approx(-0.5, abs=1e-4)


def test_width_may_move_every_sample():
    width = 0.5 + 0.45 * np.sin(np.arange(20_000) * 0.37)
    out = render(Pulse, 20_000, freq=300.0, width=width)
    assert np.abs(out).max() < 2.2
    assert np.isfinite(out).all()


@compiled
@pytest.mark.parametrize("freq", [100.0, 1_000.0, 2_093.0, 3_200.0, 4_186.0])
@pytest.mark.parametrize("width", [0.05, 0.2, 0.35, 0.5, 0.8])
def test_harmonics_of_a_width_are_the_textbooks_within_half_a_decibel_below_16_khz(width, freq):
    n = np.arange(1, int(16_000 / freq) + 1)
    truth = 4 / np.pi / n * np.abs(np.sin(np.pi * n * width))
    heard = np.abs(np.fft.rfft(render(Pulse, 48_000, freq=freq, width=width)))[(freq * n).astype(int)] / 24_000
    loud = truth > 1e-3
    assert np.abs(20 * np.log10(heard[loud] / truth[loud])).max() < 0.5
    assert heard[~loud].max(initial=0) < 1e-4


@compiled
@pytest.mark.parametrize("times", [0.25, 1.0])
def test_alias_below_16_khz_stays_under_minus_90_db_while_the_width_moves_at_audio_rate(times):
    freq = float(np.float32(401.2))
    width = 0.5 + 0.4 * np.sin(2 * np.pi * times * freq / 48_000 * np.arange(2**17))
    assert alias(render(Pulse, 2**17, freq=freq, width=width), times * freq, 16_000) < -90
