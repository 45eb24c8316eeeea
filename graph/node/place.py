"""The start position of a graph in its music: the beginning, or a given bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from graph.errors import NodeError


@dataclass(frozen=True)
class Place:
    """A position in the music.

    seconds   time from the beginning; None if it is unknown, and `why`
    nearest   True rounds to the nearest frame, as for the events of MIDI files; False rounds up, as for the
              beats of clocks
    homes     for each moved clock, by name: the bar at which its music begins, and to which a reset returns
    """

    seconds: float | None = 0.0
    nearest: bool = False
    why: str = ""
    homes: Mapping[str, float] = field(default_factory=dict)

    def frames(self, rate: float, who: str) -> int:
        """The position in frames at a sample rate; NodeError, naming `who`, if it is unknown."""
        if self.seconds is None:
            raise NodeError(f"--from cannot move {who}: {self.why}")
        exact = self.seconds * rate
        return round(exact) if self.nearest else ceil(exact - 1e-6)

    def late(self, rate: float) -> float:
        """The delay of the first frame after the exact position, in frames: -0.5 .. 1."""
        return 0.0 if self.seconds is None else self.frames(rate, "") - self.seconds * rate


BEGINNING = Place()
