"""Exact times of a Standard MIDI File's ticks, as integers, so that rounding errors do not accumulate."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from graph.midi.parse import TEMPO

MICROSECONDS_PER_BEAT = 500_000
"""The tempo before the first tempo event."""

Array: TypeAlias = "np.ndarray[Any, Any]"


class TempoMap:
    """The tempos of a file, from its messages in tick order.

    ticks      int64: start of each tempo, the first at 0
    per_tick   int64: units per tick from there on; microseconds per beat, or 1 in SMPTE time (`by_tempo` false)
    starts     int64: units elapsed at that tick
    """

    def __init__(self, ticks: Array, words: Array, *, by_tempo: bool) -> None:
        changes = np.flatnonzero(words >> 24 == TEMPO) if by_tempo else np.zeros(0, np.int64)
        self.ticks = np.append(np.int64(0), ticks[changes])
        self.per_tick = np.append(MICROSECONDS_PER_BEAT if by_tempo else 1, words[changes].astype(np.int64) & 0xFFFFFF)
        self._first = np.append(np.int64(0), changes)
        lengths = np.diff(self.ticks)
        self._rough = np.append(0.0, np.cumsum(lengths.astype(np.float64) * self.per_tick[:-1]))
        with np.errstate(over="ignore"):  # absurd times, for which `last_tick` uses the rough ones
            self.starts = np.append(np.int64(0), np.cumsum(lengths * self.per_tick[:-1]))

    def last_tick(self, units: int) -> int:
        """The last tick within a number of units; negative if there is none."""
        at = int(np.searchsorted(self._rough, units, "right")) - 1
        return int(self.ticks[at]) + (units - int(self.starts[at])) // int(self.per_tick[at]) if at >= 0 else -1

    def roughly(self, tick: int) -> float:
        """Units until a tick after all messages, however many."""
        return float(self._rough[-1]) + float(tick - int(self.ticks[-1])) * float(self.per_tick[-1])

    def units(self, ticks: Array, first: int) -> Array:
        """Units until messages at these ticks, of which the first is message number `first`."""
        at = np.searchsorted(self._first, np.arange(first, first + len(ticks)), "right") - 1
        return np.asarray(self.starts[at] + (ticks - self.ticks[at]) * self.per_tick[at])

    def until(self, tick: int) -> int:
        """Units until a tick after all messages."""
        return int(self.starts[-1]) + (tick - int(self.ticks[-1])) * int(self.per_tick[-1])
