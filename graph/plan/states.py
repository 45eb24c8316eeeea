"""Initial contents of a node's States, from their declaration and from `prepare`."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph.errors import NodeError, did_you_mean
from graph.node.node import Node, Setup
from graph.node.ports import State


def first_states(node: Node, setup: Setup) -> dict[str, np.ndarray[Any, Any]]:
    """The initial contents of a node's States, from declaration and `prepare`; NodeError if the two disagree."""
    prepared = dict(node.prepare(setup))
    states = node.states()
    for key in prepared:
        if key not in states:
            raise NodeError(
                f"{setup.name}: prepare returns '{key}', which is not a State.{did_you_mean(key, list(states))}"
            )
    return {key: _first_state(state, prepared.get(key), setup, key) for key, state in states.items()}


def _first_state(declared: State, value: Any, setup: Setup, key: str) -> np.ndarray[Any, Any]:
    where = f"{setup.name}.{key}"
    if value is None:
        if declared.prepared:
            raise NodeError(f"{where} is a State with ndim=, so prepare must return it")
        known = declared.counts > 1 and setup.start.seconds is not None
        first = setup.gone % declared.counts if known else declared.initial
        return np.full(declared.shape or (setup.lanes,), first, declared.dtype)
    copied = None if declared.constant else True  # nobody writes to a constant one, and it may be large
    array = np.array(value, declared.dtype, order="C", copy=copied)
    if declared.per_lane:
        return np.array(np.broadcast_to(array, (setup.lanes,)), order="C")
    if array.ndim != declared.ndim or (declared.shape is not None and array.shape != declared.shape):
        wants = f"shape {declared.shape}" if declared.shape else f"{declared.ndim} dimensions"
        raise NodeError(f"{where} is declared with {wants}, but prepare returns shape {array.shape}")
    return array
