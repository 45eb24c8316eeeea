"""Beats of a clock in a piece that is rendered: its host time is that of the piece."""

from __future__ import annotations

from collections.abc import Callable

from graph.clocks.node_clock import NodeClock
from graph.engine.engine import Engine


class RenderClock(NodeClock):
    """[control] A `NodeClock` of an engine that no device drives.

    now   nanoseconds of the piece, whose event loop counts the same time
    """

    coarse, slack = 1e-8, 10.0

    def __init__(self, engine: Engine, node: str, now: Callable[[], int]) -> None:
        self._piece_time = now
        super().__init__(engine, node)
        self.look = engine.block / engine.rate

    def _now(self) -> int:
        return self._piece_time()
