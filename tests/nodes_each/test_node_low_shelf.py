from __future__ import annotations

import pytest
from measure import db, response

from nodes import LowShelf


@pytest.mark.parametrize("gain", [-24.0, -3.0, 12.0])
def test_the_corner_has_half_the_gain_and_the_bottom_all_of_it(gain):
    f, got = response(LowShelf, freq=1_500.0, gain=gain)
    assert db(got)[0] == pytest.approx(gain, abs=0.01)
    assert db(got)[f == 1_500.0][0] == pytest.approx(gain / 2, abs=0.05)
