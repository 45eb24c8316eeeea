"""Keyboard split for events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import KEY_PRESSURE, NOTE_OFF, NOTE_ON, In, Node, NodeError, Option, Out, Setup, State, clear, kernel
from nodes.dsp.sequencing.scales import key_of
from nodes.dsp.sequencing.transforms import KEYS, copy, ends_all, forget, place_of

KEY, VELOCITY, CHANNEL = range(3)


class Split(Node):
    """Keyboard split by key, velocity or channel: bass for the left hand, brass for hard strikes.

    `points` lists where outputs 2, 3 and 4 begin: `C4` sends notes below C4 to `out1` and the rest to `out2`. A
    note-off goes to the output of its note-on. Other events follow their channel when splitting by channel, else go to
    every output.
    """

    events = In(kind="events", doc="Events to split.")
    by = Option("key", choices=("key", "velocity", "channel"), doc="Property to split by.")
    points = Option("C4", items=" ", doc="Start of outputs 2, 3 and 4: keys, velocities 0 .. 1 or channels, ascending.")
    out1 = Out(kind="events", doc="Events below the first point.")
    out2 = Out(kind="events", doc="Events from the first point up.")
    out3 = Out(kind="events", doc="Events from the second point up.")
    out4 = Out(kind="events", doc="Events from the third point up.")

    limits = State(ndim=1, dtype=np.float64)
    way = State((KEYS,), np.int32, doc="Bit mask of the outputs at which a key is down.")

    def _points(self) -> list[float]:
        words = re.split(r"[\s,]+", self.options["points"].strip())
        try:
            points = [float(key_of(word)) if self.options["by"] == "key" else float(word) for word in words]
        except (NodeError, ValueError):
            points = []
        high, such = {"key": (127, "C3 C5"), "velocity": (1, "0.4 0.8"), "channel": (16, "2 10")}[self.options["by"]]
        rising = points == sorted(set(points)) and all(0 <= point <= high for point in points)
        if not 1 <= len(points) <= 3 or not rising:
            raise NodeError(
                f"{self.label}.points: write one to three {self.options['by']}s up to {high} in ascending order, "
                f"such as {such}; not '{self.options['points']}'"
            )
        return points

    def validate(self) -> None:
        self._points()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        return {"limits": self._points()}

    @kernel(double=True)
    def process(block):
        way, by = block.way, block.by
        clear(block.out1)
        clear(block.out2)
        clear(block.out3)
        clear(block.out4)
        for i in range(block.events.count[0]):
            event = block.events.records[i]
            number = np.floor(event.number + 0.5)
            value = number if by == KEY else event.value if by == VELOCITY else float(event.channel)
            bit = 1
            for point in range(block.limits.shape[0]):
                bit = 2 << point if value >= block.limits[point] else bit
            at = place_of(event.channel, event.number)
            if event.kind == NOTE_ON:
                way[at] |= bit
            elif event.kind in (NOTE_OFF, KEY_PRESSURE):
                bit = way[at] if way[at] != 0 else 15
                way[at] = 0 if event.kind == NOTE_OFF else way[at]
            elif by != CHANNEL or event.channel == 0:
                bit = 15
            if ends_all(event):
                forget(way, event.channel, 0)
            if bit & 1:
                copy(block.out1, event)
            if bit & 2:
                copy(block.out2, event)
            if bit & 4:
                copy(block.out3, event)
            if bit & 8:
                copy(block.out4, event)
