from __future__ import annotations

import numpy as np
import pytest

from graph import KEY_PRESSURE, PRESSURE
from graph.memory.events import new_events
from graph.testing import block_of
from nodes import Pressure


def pressed(*rows, frames=960, **values):
    events = new_events()
    for i, row in enumerate(rows):
        events.records[i] = row
    events.count[0] = len(rows)
    block = block_of(Pressure, events=events, frames=frames, **values)
    Pressure.process(block)
    return block.out[:, 0]


def test_pressure_goes_from_min_to_max():
    out = pressed((0, PRESSURE, 1, 0, 0, 0.5), (480, PRESSURE, 1, 0, 0, 1.0), min=200.0, max=1_000.0)
    assert out[[300, -1]] == pytest.approx([600, 1_000])


def test_each_message_is_reached_in_5_ms_along_a_line():
    out = pressed((100, PRESSURE, 1, 0, 0, 1.0)).astype(np.float64)
    assert (out[:100] == 0).all()
    assert np.diff(out[99:341]) == pytest.approx(1 / 241, rel=0.02)
    assert (out[341:] == 1).all()


def test_key_pressure_counts_only_on_request():
    row = (0, KEY_PRESSURE, 1, 0, 60, 1.0)
    assert (pressed(row) == 0).all()
    assert pressed(row, keys=True)[-1] == 1


def test_other_channels_are_ignored():
    assert (pressed((0, PRESSURE, 3, 0, 0, 1.0), channel=1) == 0).all()
