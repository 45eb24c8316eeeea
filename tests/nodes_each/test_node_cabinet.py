from __future__ import annotations

import numpy as np
import pytest
from measure import click_of, db, response

from nodes import Cabinet


@pytest.mark.parametrize("cabinet", ["combo", "stack", "bass", "radio"])
def test_it_has_a_low_and_a_steep_high_end(cabinet):
    _, gain = response(Cabinet, mic=1.0, cabinet=cabinet, frames=48_000)
    level = db(gain)
    top = level.max()
    assert level[20] < top - 10
    assert level[10_000] < top - 24
    assert level[16_000] < level[8_000] - 20
    assert 0 < top < 12


def test_its_presence_is_near_2_to_3_khz():
    freq, gain = response(Cabinet, mic=1.0, frames=48_000)
    assert 2_000 < freq[db(gain).argmax()] < 3_200


@pytest.mark.parametrize("sample_rate", [44_100.0, 96_000.0, 192_000.0])
def test_it_is_the_same_at_any_rate(sample_rate):
    at = np.array([60.0, 100, 400, 1_000, 2_500, 4_000])
    curves = [response(Cabinet, rate, mic=1.0, frames=1 << 16) for rate in (48_000.0, sample_rate)]
    one, two = (np.interp(at, freq, db(gain)) for freq, gain in curves)
    assert one == pytest.approx(two, abs=0.6)


def test_away_from_the_middle_it_is_duller():
    bright, dull = (db(response(Cabinet, mic=mic)[1]) for mic in (1.0, 0.0))
    assert dull[1_500] < bright[1_500] - 3
    assert dull[30] == pytest.approx(bright[30], abs=0.1)


def test_a_changed_value_does_not_click():
    assert click_of(Cabinet, "mic", 0, 1) < -60
