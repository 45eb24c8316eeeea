from __future__ import annotations

import numpy as np
import pytest
from measure import click_of, db, response

from nodes import Eq, HighShelf, LowShelf, Peak

DESK = {
    "low_freq": 90.0,
    "low_gain": 7.0,
    "freq1": 500.0,
    "gain1": -9.0,
    "q1": 2.0,
    "freq2": 11_000.0,
    "gain2": 6.0,
    "q2": 0.8,
    "high_freq": 9_000.0,
    "high_gain": -8.0,
}


def analogue(f):
    s = 1j * f
    total = np.ones_like(s)
    a = 10 ** (DESK["low_gain"] / 40)
    x = s / DESK["low_freq"]
    total *= (x * x + x * (2 * a) ** 0.5 + a) / (x * x + x * (2 / a) ** 0.5 + 1 / a)
    for n in "12":
        a = 10 ** (DESK["gain" + n] / 40)
        x = s / DESK["freq" + n]
        total *= (x * x + x * a / DESK["q" + n] + 1) / (x * x + x / (a * DESK["q" + n]) + 1)
    a = 10 ** (DESK["high_gain"] / 40)
    x = s / DESK["high_freq"]
    return total * (a * a * x * x + a * (2 * a) ** 0.5 * x + a) / (x * x + x * (2 * a) ** 0.5 + a)


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0, 96_000.0])
def test_the_whole_equalizer_is_within_half_a_decibel_of_the_analog_curve_up_to_16_khz(sample_rate):
    f, got = response(Eq, sample_rate, frames=16_384, **DESK)
    assert np.abs(db(got) - db(analogue(f)))[f < 16_000].max() < 0.5


def test_it_is_a_low_shelf_two_bells_and_a_high_shelf():
    _, got = response(Eq, **DESK)
    _, low = response(LowShelf, freq=90.0, gain=7.0)
    _, one = response(Peak, freq=500.0, gain=-9.0, q=2.0)
    _, two = response(Peak, freq=11_000.0, gain=6.0, q=0.8)
    _, high = response(HighShelf, freq=9_000.0, gain=-8.0)
    assert np.abs(got / (low * one * two * high) - 1).max() < 2e-3


@pytest.mark.parametrize("word", ["low_gain", "gain1", "gain2", "high_gain"])
def test_a_changed_gain_does_not_click(word):
    assert click_of(Eq, word, -24, 24) < -60
