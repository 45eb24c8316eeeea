from __future__ import annotations

import numpy as np
import pytest
from measure import db, response
from scipy import signal

from nodes import Peak


def analogue(f, freq, gain, q):
    a = 10 ** (gain / 40)
    return db(signal.freqs([1, a / q, 1], [1, 1 / (a * q), 1], f / freq)[1])


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0])
@pytest.mark.parametrize("freq", [30.0, 440.0, 3_000.0, 8_000.0, 12_000.0, 16_000.0, 16_800.0, 20_000.0])
def test_it_is_within_half_a_decibel_of_the_analog_bell_up_to_16_khz(freq, sample_rate):
    for gain in (-24.0, 6.0, 24.0):
        for q in (0.3, 1.5, 5.0 if freq > 100 else 2.0):
            f, got = response(Peak, sample_rate, freq=freq, gain=gain, q=q, frames=4_096 if freq > 100 else 16_384)
            part = (f > 20) & (f < 16_000) & (f > 60 * (freq < 100))
            worst = np.abs(db(got) - analogue(f, freq, gain, q))[part].max()
            assert worst < 0.5, (gain, q)


@pytest.mark.parametrize("gain", [-18.0, 0.0, 9.0])
def test_the_gain_at_the_middle_is_the_gain(gain):
    f, got = response(Peak, freq=1_500.0, gain=gain, q=4.0)
    assert db(got)[f == 1_500.0][0] == pytest.approx(gain, abs=0.01)


def test_cut_undoes_boost():
    boost, cut = (response(Peak, freq=9_000.0, gain=g, q=0.7)[1] for g in (15.0, -15.0))
    assert np.abs(db(boost * cut)).max() < 0.3
