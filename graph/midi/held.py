"""Tracks held notes and pedals of a MIDI stream, and makes the messages that release them."""

from __future__ import annotations

from collections.abc import Sequence

from graph.memory.events import CONTROL, NOTE_OFF, NOTE_ON, SOSTENUTO, SUSTAIN
from graph.midi.table import KIND_OF_STATUS, STATUS_OF_KIND


class Held:
    """[control] The notes and pedals that are down after the messages read so far. For one thread at a time."""

    def __init__(self) -> None:
        self._endings: dict[tuple[int, int, int], None] = {}

    def read(self, message: Sequence[int]) -> None:
        """Reads the bytes of one complete message."""
        kind, channel = KIND_OF_STATUS[message[0]], message[0] & 0x0F
        if kind in (NOTE_ON, NOTE_OFF):
            ending = int(STATUS_OF_KIND[NOTE_OFF]) | channel, message[1], 64
            down = kind == NOTE_ON and message[2] > 0
        elif kind == CONTROL and message[1] in (SUSTAIN, SOSTENUTO):
            ending = message[0], message[1], 0
            down = message[2] >= 64
        else:
            return
        if down:
            self._endings[ending] = None
        else:
            self._endings.pop(ending, None)

    def endings(self) -> list[list[int]]:
        """A release message for each held note and pedal, in the order in which they went down."""
        return [list(ending) for ending in self._endings]
