from __future__ import annotations

import numpy as np
import pytest
from measure import db, response

from graph.testing import block_of
from nodes import BandPass


@pytest.mark.parametrize("q", [0.5, 5.0, 50.0])
def test_gain_at_the_center_is_1_at_every_q(q):
    n = np.arange(48_000)
    tone = np.sin(2 * np.pi * 1_000 / 48_000 * n).astype(np.float32)
    block = block_of(BandPass, audio=tone, cutoff=1_000.0, q=q)
    BandPass.process(block)
    assert np.abs(block.out[-480:, 0]).max() == pytest.approx(1, rel=0.002)


def test_band_between_its_minus_3_db_corners_is_the_center_over_q():
    freq, gain = response(BandPass, frames=65_536, cutoff=1_000.0, q=5.0)
    inside = freq[db(gain) > -3.01]
    assert inside[-1] - inside[0] == pytest.approx(200, rel=0.02)
