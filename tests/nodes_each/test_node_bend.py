from __future__ import annotations

import numpy as np
import pytest

from graph import BEND
from graph.memory.events import new_events
from graph.testing import block_of
from nodes import Bend


def bent(*rows, frames=960, **values):
    events = new_events()
    for i, row in enumerate(rows):
        events.records[i] = row
    events.count[0] = len(rows)
    block = block_of(Bend, events=events, frames=frames, **values)
    Bend.process(block)
    return block.out[:, 0]


@pytest.mark.parametrize(("wheel", "reach"), [(1.0, 2.0), (-1.0, 2.0), (0.5, 12.0), (-1.0, 48.0)])
def test_the_wheel_bends_by_its_range_in_semitones(wheel, reach):
    out = bent((10, BEND, 1, 0, 0, wheel), range=reach)
    assert (out[:10] == 1).all()
    assert out[-1] == pytest.approx(2 ** (wheel * reach / 12), rel=1e-6)


def test_it_glides_in_5_ms_along_a_line_in_semitones():
    out = 12 * np.log2(bent((0, BEND, 1, 0, 0, 1.0)).astype(np.float64))
    assert np.abs(np.diff(out[:241], 2)).max() < 1e-3
    assert out[120] == pytest.approx(1, abs=0.02)
    assert out[241:] == pytest.approx(2, abs=1e-5)


def test_messages_that_crowd_do_not_step():
    out = bent(*[(60 * i, BEND, 1, 0, 0, (-1.0) ** i) for i in range(12)])
    assert np.abs(np.diff(12 * np.log2(out.astype(np.float64)))).max() < 4.01 / 240


def test_other_channels_are_ignored():
    assert (bent((0, BEND, 2, 0, 0, 1.0), channel=1) == 1).all()
