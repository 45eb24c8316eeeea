from __future__ import annotations

import numpy as np
import pytest
from measure import assert_is_bilinear, click_of, db, response

from nodes import AllPass


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 2.0])
@pytest.mark.parametrize("place", [0.02, 0.1, 0.35])
def test_response_is_the_bilinear_designs(place, q, sample_rate):
    cutoff = min(place * sample_rate, 20_000.0)
    assert_is_bilinear(AllPass, [1, -1 / q, 1], [1, 1 / q, 1], cutoff, sample_rate, q=q)


def test_every_level_stays():
    assert np.abs(db(response(AllPass, q=3.0)[1])).max() < 0.001


def test_phase_is_half_a_turn_at_the_cutoff():
    freq, gain = response(AllPass, cutoff=3_000.0, q=5.0)
    assert gain[freq == 3_000.0][0].real == pytest.approx(-1, abs=1e-3)


@pytest.mark.parametrize(("word", "before", "after"), [("cutoff", 100, 10_000), ("q", 0.5, 100)])
def test_a_number_that_is_changed_does_not_click(word, before, after):
    assert click_of(AllPass, word, before, after) < -60
