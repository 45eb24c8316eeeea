from __future__ import annotations

import numpy as np
import pytest
from measure import click_of, db, response
from scipy import signal

from nodes import HighShelf


def analogue(f, freq, gain):
    a = 10 ** (gain / 40)
    return db(signal.freqs([a * a, a * (2 * a) ** 0.5, a], [1, (2 * a) ** 0.5, a], f / freq)[1])


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0])
@pytest.mark.parametrize("freq", [30.0, 200.0, 3_000.0, 8_000.0, 12_000.0, 16_000.0, 20_000.0])
def test_it_is_within_half_a_decibel_of_the_analogue_shelf_up_to_16_khz(freq, sample_rate):
    for gain in (-24.0, -6.0, 6.0, 24.0):
        f, got = response(HighShelf, sample_rate, freq=freq, gain=gain, frames=4_096 if freq > 100 else 16_384)
        part = f < 16_000
        assert np.abs(db(got) - analogue(f, freq, gain))[part].max() < 0.5, gain


@pytest.mark.parametrize("gain", [-24.0, -3.0, 12.0])
def test_the_corner_has_half_the_gain_and_the_top_all_of_it(gain):
    f, got = response(HighShelf, freq=750.0, gain=gain)
    assert db(got)[0] == pytest.approx(0, abs=0.01)
    assert db(got)[f == 750.0][0] == pytest.approx(gain / 2, abs=0.05)
    assert db(got)[-1] == pytest.approx(gain, abs=0.01)


@pytest.mark.parametrize(("word", "before", "after"), [("gain", -24, 24), ("gain", 24, -24), ("freq", 50, 5_000)])
def test_a_number_that_is_changed_does_not_click(word, before, after):
    assert click_of(HighShelf, word, before, after) < -60
