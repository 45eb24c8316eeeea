from __future__ import annotations

import numpy as np
import pytest

from graph.graph import loads
from graph.testing import block_of
from nodes import Interval


@pytest.mark.parametrize("semitones", [-120.0, -12.0, -0.01, 0.0, 0.5, 7.0, 12.0, 120.0])
def test_ratio_is_two_to_the_twelfth_part_of_the_semitones_within_a_fiftieth_of_a_cent(semitones):
    block = block_of(Interval, semitones=semitones)
    Interval.process(block)
    cents = 1200 * np.log2(block.ratio.astype(np.float64)) - 100 * semitones
    assert np.abs(cents).max() < 0.02


def test_no_interval_is_exactly_one():
    block = block_of(Interval, semitones=0.0)
    Interval.process(block)
    assert (block.ratio == 1).all()


def test_it_moves_a_pitch_by_as_much_up_as_down():
    for semitones, freq in ((12, 800.0), (-12, 200.0)):
        sound = loads(
            f"nodes:\n  k: {{node: Constant, value: {semitones}}}\n  up: {{node: Interval, semitones: k}}\n"
            "  osc: {node: Sine, freq: 400 Hz * up}\nout: osc"
        ).render(seconds=1, rate=48_000)[:, 0]
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        assert spectrum.argmax() == pytest.approx(freq, abs=1)
