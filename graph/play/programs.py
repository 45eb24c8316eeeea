"""Which MIDI program changes choose a preset: one rule for renders and for playback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graph.errors import several
from graph.memory.events import NOTE_ON, PROGRAM
from graph.model.net import Net

NO_CHANNEL = 17
"""Above all channels."""


class Programs:
    """[control] Maps program changes to presets, by the option `presets` of the graph's MIDI inputs.

    Program 1 is the first preset of the patch. With `lowest`, an input that hears all channels obeys the lowest one
    on which a note or a program has arrived, or is known to come (`foresee`); an input of one channel obeys that one.
    With `all` it obeys every channel that it hears, with `none` nothing. One input that obeys is enough. Of an array
    of events all count before any is judged, so that the order of channels at one time does not matter.

    Not for several threads at once.
    """

    def __init__(self) -> None:
        self._lowest = NO_CHANNEL
        self._passed = 0
        self._missed: set[int] = set()

    def foresee(self, channel: int) -> None:
        """Notes or programs of this channel are to come."""
        self._lowest = min(self._lowest, channel)

    def chosen(
        self, graph: Net, events: np.ndarray[Any, Any], presets: Sequence[str]
    ) -> tuple[list[tuple[int, int]], list[str]]:
        """The time and number of each program change in TIMED_EVENT records that chooses one of these presets.

        The second list says which numbers no preset has, once each.
        """
        self.foresee(lowest_channel(events))
        inputs = {
            (int(node.options["channel"]), str(node.options["presets"]))
            for node in graph.nodes.values()
            if {"channel", "presets"} <= node.options.keys() and type(node).sources()
        }
        found: list[tuple[int, int]] = []
        news: list[str] = []
        for time, event in events[events["event"]["kind"] == PROGRAM]:
            channel, number = int(event["channel"]), int(event["number"])
            heard = {(own or self._lowest, which) for own, which in inputs if own in (0, channel) and which != "none"}
            if not any(which == "all" or obeyed == channel for obeyed, which in heard):
                self._passed += len(heard) > 0 < len(presets)
            elif number < len(presets):
                found.append((int(time), number))
            elif number not in self._missed and (presets or not self._missed):
                self._missed.add(number)
                has = f"{several(len(presets), 'preset')}: {', '.join(presets)}" if presets else "no presets"
                news.append(f"program {number + 1} chooses nothing: the patch has {has}")
        return found, news

    def summary(self) -> list[str]:
        """What became of the program changes on channels that are not obeyed, if there were any."""
        if not self._passed:
            return []
        return [
            f"{several(self._passed, 'program change')} above channel {self._lowest} chose no preset; "
            "`presets: all` of MidiIn obeys every channel"
        ]


def lowest_channel(events: np.ndarray[Any, Any]) -> int:
    """The lowest channel of the notes and programs in TIMED_EVENT records; NO_CHANNEL if there are none."""
    kinds, channels = events["event"]["kind"], events["event"]["channel"]
    return int(channels[(kinds == NOTE_ON) | (kinds == PROGRAM)].min(initial=NO_CHANNEL))
