"""Recent MIDI input, for displays and MIDI learn."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from graph.memory import events as ev

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
REAL_TIME = (ev.TICK, ev.START, ev.STOP, ev.CONTINUE, ev.JUMP)
MODES = 120
"""Controllers from this number on are channel mode messages, such as all notes off."""


class Activity:
    """[control] A function for `Live.on_events` that keeps the latest event of each kind.

    held      keys that are down, and the number of channels that hold each
    control   the last controller that moved: (number, channel, value), or None
    turned    movements per controller, keyed by (number, channel)
    last      the last event as text
    """

    def __init__(self) -> None:
        self.held: dict[int, int] = {}
        self.control: tuple[int, int, float] | None = None
        self.turned: dict[tuple[int, int], int] = {}
        self.last = ""
        self.count = 0
        self._at = float("-inf")
        self._lock = threading.Lock()
        self._down: dict[int, set[int]] = {}

    def __call__(self, heard: np.ndarray[Any, Any]) -> None:
        """Records TIMED_EVENT records."""
        with self._lock:
            for event in heard["event"][-2000:]:  # in a flood, only the latest matter
                self._note(int(event["kind"]), int(event["channel"]), float(event["number"]), float(event["value"]))
            self.held = {key: len(channels) for key, channels in self._down.items() if channels}
            self.count += len(heard)

    def _note(self, kind: int, channel: int, number: float, value: float) -> None:
        if kind in REAL_TIME:
            return
        self._at = time.monotonic()
        key = round(number)
        where = f" ch {channel}" if channel != 1 else ""
        if kind == ev.NOTE_ON:
            self._down.setdefault(key, set()).add(channel)
            self.last = f"{note_name(key)} {value:.0%}{where}"
        elif kind == ev.NOTE_OFF:
            self._down.get(key, set()).discard(channel)
        elif kind == ev.CONTROL and number < MODES:
            self.control = key, channel, value
            self.turned[key, channel] = self.turned.get((key, channel), 0) + 1
            self.last = f"CC {key} {value:.2f}{where}"
        elif kind == ev.CONTROL:
            if number in (ev.ALL_NOTES_OFF, ev.ALL_SOUND_OFF):
                for channels in self._down.values():
                    channels.discard(channel)
        elif kind == ev.BEND:
            self.last = f"bend {value:+.2f}{where}"
        elif kind in (ev.PRESSURE, ev.KEY_PRESSURE):
            self.last = f"pressure {value:.2f}{where}"
        elif kind == ev.PROGRAM:
            self.last = f"program {key + 1}{where}"

    @property
    def age(self) -> float:
        """Seconds since something arrived; clock ticks do not count."""
        return time.monotonic() - self._at

    def forget(self) -> None:
        """Clears the list of moved controllers."""
        with self._lock:
            self.turned = {}


def note_name(key: int) -> str:
    """`C4` for 60."""
    return f"{NAMES[key % 12]}{key // 12 - 1}"
