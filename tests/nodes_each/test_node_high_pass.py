from __future__ import annotations

import numpy as np
from measure import db, response

from graph.testing import block_of
from nodes import HighPass


def test_a_step_passes_at_once():
    block = block_of(HighPass, audio=np.ones(4_800), cutoff=100.0)
    HighPass.process(block)
    assert block.out[0, 0] > 0.9


def test_cutoff_above_half_the_rate_is_held_below_it():
    freq, gain = response(HighPass, 8_000.0, 8_192, cutoff=20_000.0, q=0.707)
    assert np.isfinite(db(gain)).all()
    assert db(gain)[freq < 2_000].max() < -20
