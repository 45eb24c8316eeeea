from __future__ import annotations

import numpy as np
from measure import db, response

from nodes import LowPass


def test_cutoff_above_half_the_rate_is_held_below_it():
    freq, gain = response(LowPass, 8_000.0, 8_192, cutoff=20_000.0, q=0.707)
    assert np.abs(db(gain)[freq < 3_000]).max() < 0.1
