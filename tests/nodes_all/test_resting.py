"""A number that rests is one row to a `@per_sample` kernel: the sound is that of a full block of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graph import In
from graph.node.library import all_nodes
from graph.testing import block_of

RESTING = sorted(name for name, cls in all_nodes().items() if cls.kernel.in_place and cls.kernel.rests)
FRAMES = 64


def outputs(name: str, rows: int, lanes: int) -> dict[str, Any]:
    """What a node gives for noise at its cables, with every number as so many rows."""
    cls = all_nodes()[name]
    chance = np.random.default_rng(1)
    cables = {n: port for n, port in cls.ins().items() if port.kind == "signal" and port.rate == "sample"}
    noise = {n: chance.uniform(-1, 1, FRAMES).astype(np.float32) for n, p in cables.items() if p.default is None}
    block = block_of(cls, frames=FRAMES, voices=lanes, name="measured", **noise)
    numbers = {n: getattr(block, n)[:rows].copy() for n, port in cables.items() if port.default is not None}
    block = block._replace(**numbers)
    for _ in range(3):
        cls.kernel(block)
    return {n: np.array(getattr(block, n)) for n, field in cls.fields.items() if not isinstance(field, In)}


@pytest.mark.parametrize("lanes", [1, 2, 16])
@pytest.mark.parametrize("name", RESTING)
def test_numbers_at_rest_sound_as_a_full_block_of_them(name: str, lanes: int) -> None:
    one, full = outputs(name, 1, lanes), outputs(name, FRAMES, lanes)
    for port, value in full.items():
        np.testing.assert_allclose(one[port], value, rtol=2e-5, atol=2e-6, err_msg=port)
