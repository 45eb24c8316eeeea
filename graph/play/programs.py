"""Mapping of MIDI program changes to presets, with the same rules for rendering and playback."""

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
    """[control] Maps program changes to presets, according to the option `presets` of the graph's MIDI inputs.

    Program 1 selects the first preset of the patch. With `lowest`, an input on all channels follows the lowest channel
    on which a note or a program change has arrived or is expected (`foresee`); an input on one channel follows that
    channel. With `all` it follows all its channels, with `none` no channel. One input that follows is enough. All
    events of an array are counted before any is evaluated, so the order of channels at one time does not matter.

    For one thread at a time.
    """

    def __init__(self) -> None:
        self._lowest = NO_CHANNEL
        self._passed = 0
        self._missed: set[int] = set()

    def foresee(self, channel: int) -> None:
        """Announces notes or program changes on this channel."""
        self._lowest = min(self._lowest, channel)

    def chosen(
        self, graph: Net, events: np.ndarray[Any, Any], presets: Sequence[str]
    ) -> tuple[list[tuple[int, int]], list[str]]:
        """The time and number of each program change in TIMED_EVENT records that selects one of these presets.

        The second list reports each number without a preset, once.
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
                news.append(f"program {number + 1} has no preset: the patch has {has}")
        return found, news

    def summary(self) -> list[str]:
        """A message about program changes on ignored channels, if there were any."""
        if not self._passed:
            return []
        return [
            f"ignored {several(self._passed, 'program change')} above channel {self._lowest}; "
            "with `presets: all`, MidiIn follows every channel"
        ]


def lowest_channel(events: np.ndarray[Any, Any]) -> int:
    """The lowest channel of the notes and programs in TIMED_EVENT records; NO_CHANNEL if there are none."""
    kinds, channels = events["event"]["kind"], events["event"]["channel"]
    return int(channels[(kinds == NOTE_ON) | (kinds == PROGRAM)].min(initial=NO_CHANNEL))
