from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Macro

KNOB = np.linspace(0, 1, 11)


def test_each_output_goes_over_its_own_range():
    ranges = {"low1": 0.0, "high1": 10.0, "low2": 5.0, "high2": -5.0, "low3": 20.0, "high3": 20_000.0}
    block = block_of(Macro, knob=KNOB, **ranges, curve3="log", low4=-1.0, high4=3.0, curve4="log")
    Macro.process(block)
    assert block.out1[:, 0] == pytest.approx(10 * KNOB, abs=1e-5)
    assert block.out2[:, 0] == pytest.approx(5 - 10 * KNOB, abs=1e-5)
    assert block.out3[:, 0] == pytest.approx(20 * 1_000**KNOB, rel=1e-5)
    assert block.out4[:, 0] == pytest.approx(-1 + 4 * KNOB, abs=1e-5)
