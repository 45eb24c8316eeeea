from __future__ import annotations

import numpy as np
import pytest
from measure import click_of, db, response

from nodes import Comb

OPEN = 20_000.0


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0])
@pytest.mark.parametrize("feedback", [0.5, -0.7])
def test_response_is_that_of_a_delay_of_one_period_with_feedback(feedback, sample_rate):
    freq, gain = response(Comb, sample_rate, freq=441.3, feedback=feedback, damping=OPEN)
    truth = (1 - abs(feedback)) / (1 - feedback * np.exp(-2j * np.pi * freq / 441.3))
    part = freq < 3_000
    assert np.abs(db(gain) - db(truth))[part].max() < 0.1


@pytest.mark.parametrize("damping", [2_000.0, 8_000.0, OPEN])
@pytest.mark.parametrize("note", [110.0, 440.0, 1_500.0])
def test_it_rings_in_tune_whatever_the_damping(note, damping):
    freq, gain = response(Comb, freq=note, feedback=0.99, damping=damping, frames=48_000)
    part = np.abs(freq - note) < note / 3
    peak = np.abs(gain) * part
    k = peak.argmax()
    a, b, c = np.log(peak[k - 1 : k + 2])
    place = k + 0.5 * (a - c) / (a - 2 * b + c)
    assert abs(1_200 * np.log2(place / note)) < 4


def test_below_0_it_rings_an_octave_lower_with_odd_harmonics():
    _, gain = response(Comb, freq=1_000.0, feedback=-0.9, damping=OPEN, frames=48_000)
    level = db(gain)
    assert level[[500, 1_500]] == pytest.approx([0, 0], abs=0.3)
    assert level[1_000] < -25


def test_forward_it_notches_between_the_teeth():
    _, gain = response(Comb, freq=1_000.0, feedback=0.999, damping=OPEN, forward=True, frames=48_000)
    assert db(gain)[1_000] == pytest.approx(0, abs=0.05)
    assert db(gain)[[500, 1_500]].max() < -45


@pytest.mark.parametrize(("word", "before", "after"), [("feedback", -0.9, 0.9), ("damping", 100, 20_000)])
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Comb, word, before, after) < -60


def test_a_changed_note_does_not_click():
    assert click_of(Comb, "freq", 220, 180) < -60
