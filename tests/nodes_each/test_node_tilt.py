from __future__ import annotations

import numpy as np
import pytest
from measure import db, response
from scipy import signal

from nodes import Tilt


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0])
@pytest.mark.parametrize("freq", [30.0, 700.0, 5_000.0, 12_000.0, 20_000.0])
@pytest.mark.parametrize("gain", [-12.0, -3.0, 6.0, 12.0])
def test_it_is_within_0_15_db_of_the_analog_tilt_up_to_16_khz(gain, freq, sample_rate):
    f, got = response(Tilt, sample_rate, freq=freq, gain=gain)
    a = 10 ** (gain / 20)
    truth = db(signal.freqs([a, 1], [1, a], f / freq)[1])
    assert np.abs(db(got) - truth)[f < 16_000].max() < 0.15


def test_the_pivot_stays_and_the_ends_move_opposite_ways():
    f, got = response(Tilt, freq=750.0, gain=6.0)
    assert db(got)[[0, -1]] == pytest.approx([-6, 6], abs=0.1)
    assert db(got)[f == 750.0][0] == pytest.approx(0, abs=0.01)
