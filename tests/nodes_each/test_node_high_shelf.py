from __future__ import annotations

import pytest
from measure import db, response

from nodes import HighShelf


@pytest.mark.parametrize("gain", [-24.0, -3.0, 12.0])
def test_the_corner_has_half_the_gain_and_the_top_all_of_it(gain):
    f, got = response(HighShelf, freq=750.0, gain=gain)
    assert db(got)[0] == pytest.approx(0, abs=0.01)
    assert db(got)[f == 750.0][0] == pytest.approx(gain / 2, abs=0.05)
    assert db(got)[-1] == pytest.approx(gain, abs=0.01)
