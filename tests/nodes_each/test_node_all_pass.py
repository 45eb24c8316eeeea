from __future__ import annotations

import numpy as np
import pytest
from measure import db, response

from nodes import AllPass


def test_every_level_stays():
    assert np.abs(db(response(AllPass, q=3.0)[1])).max() < 0.001


def test_phase_is_half_a_cycle_at_the_cutoff():
    freq, gain = response(AllPass, cutoff=3_000.0, q=5.0)
    assert gain[freq == 3_000.0][0].real == pytest.approx(-1, abs=1e-3)
