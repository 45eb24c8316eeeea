"""Where in its music a graph begins: at its beginning, or at a bar that somebody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from graph.errors import NodeError


@dataclass(frozen=True)
class Place:
    """A time in the music, counted from its beginning.

    seconds   0 for the whole; None where nobody knows, and `why`
    nearest   whether it is the nearest frame, as for the events of MIDI files, or the first that has reached it,
              as for the beats of clocks
    homes     by the name of each clock that was moved there: the bar at which its music begins, where a reset leads
    """

    seconds: float | None = 0.0
    nearest: bool = False
    why: str = ""
    homes: Mapping[str, float] = field(default_factory=dict)

    def frames(self, rate: float, who: str) -> int:
        """Whole frames before it at a sample rate; NodeError where that is unknown, which `who` needs to know."""
        if self.seconds is None:
            raise NodeError(f"--from cannot move {who}: {self.why}")
        exact = self.seconds * rate
        return round(exact) if self.nearest else ceil(exact - 1e-6)

    def late(self, rate: float) -> float:
        """How far the first frame is behind the exact time, in frames: -0.5 .. 1."""
        return 0.0 if self.seconds is None else self.frames(rate, "") - self.seconds * rate


BEGINNING = Place()
