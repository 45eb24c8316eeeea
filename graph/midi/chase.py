"""Event chasing: the events to send before playback starts in the middle of a file.

Each event is in effect until another replaces it: a controller until it moves again, a note until it ends. So the
state at any position is a subset of the earlier events, sent in their order. An event keeps the events that it depends
on: the value of a registered parameter keeps the controllers that selected the parameter, a program keeps its bank,
and a key released while a pedal was down keeps that pedal.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

import numpy as np

from graph.memory import events as ev
from graph.midi.file import Array
from graph.midi.tracks import PIECE

EVERY = 256
"""Events between snapshots, so that a jump need not scan the whole file."""
NOTES = (ev.NOTE_OFF, ev.NOTE_ON, ev.KEY_PRESSURE)

_BANK, _BANK_LSB, _DATA, _DATA_LSB = 0, 32, 6, 38
_INCREMENTS = (96, 97)
_NRPN_LSB, _NRPN, _RPN_LSB, _RPN = 98, 99, 100, 101
_OMNI, _POLY = (124, 125), (126, 127)

Key: TypeAlias = "tuple[object, ...]"


class _Reader:
    """Scans the events once and records how long each stays in effect."""

    def __init__(self, count: int) -> None:
        self.until = np.arange(count)
        self.count = count
        self.needs: dict[int, list[int]] = {}
        self.live: dict[Key, list[int]] = defaultdict(list)
        self.values: dict[Key, float] = {}
        self.named: dict[int, tuple[int, int]] = {}
        self.lifted: dict[int, set[float]] = defaultdict(set)
        self.caught: dict[int, set[float]] = defaultdict(set)

    def keep(self, key: Key, index: int, needs: list[int] | None = None) -> None:
        """Replaces the earlier events of this key."""
        self.drop(key, index)
        self.live[key].append(index)
        self.until[index] = self.count
        if needs:
            self.needs[index] = needs

    def drop(self, key: Key, index: int) -> None:
        """Ends the effect of the events of this key."""
        for each in self.live.pop(key, ()):
            self.until[each] = index

    def latest(self, *keys: Key) -> list[int]:
        """The events in effect for these keys."""
        return [self.live[key][-1] for key in keys if self.live.get(key)]

    def read(self, index: int, kind: int, channel: int, number: float, value: float) -> None:
        """One event."""
        if kind == ev.NOTE_ON:
            self.end(channel, number, index)
            self.keep(("note", channel, number), index)
        elif kind == ev.NOTE_OFF:
            self.lift(channel, number, index)
        elif kind == ev.KEY_PRESSURE:
            self.keep((kind, channel, number), index)
        elif kind == ev.PROGRAM:
            banks = self.latest((ev.CONTROL, channel, _BANK), (ev.CONTROL, channel, _BANK_LSB))
            self.keep((kind, channel), index, banks)
        elif kind == ev.CONTROL:
            self.control(index, channel, int(number), value)
        elif kind in (ev.BEND, ev.PRESSURE):
            self.keep((kind, channel), index)

    def control(self, index: int, channel: int, number: int, value: float) -> None:
        """One controller."""
        key = ev.CONTROL, channel, number
        if number in (_DATA, _DATA_LSB, *_INCREMENTS):
            self.data(index, channel, number)
            return
        if number in (ev.ALL_SOUND_OFF, ev.ALL_NOTES_OFF, *_OMNI, *_POLY):
            self.end_all(channel, index)
            if number not in (ev.ALL_SOUND_OFF, ev.ALL_NOTES_OFF):
                self.keep(("mode", channel, number in _OMNI), index)
            return
        before = self.values.get(key, 0.0)
        self.keep(key, index)
        self.values[key] = value
        if number in (_RPN, _RPN_LSB):
            self.named[channel] = _RPN, _RPN_LSB
        elif number in (_NRPN, _NRPN_LSB):
            self.named[channel] = _NRPN, _NRPN_LSB
        elif number == ev.SOSTENUTO and value >= 0.5 > before:
            self.caught[channel] = self.keys(channel) - self.lifted[channel]
            self.live["press", channel] = [index]
        elif number == ev.RESET_CONTROLLERS:
            self.named.pop(channel, None)
            for pedal in (ev.SUSTAIN, ev.SOSTENUTO):
                self.values[ev.CONTROL, channel, pedal] = 0.0
        self.let_go(channel, index)

    def data(self, index: int, channel: int, number: int) -> None:
        """A value of the selected parameter."""
        name = self.named.get(channel, ())
        parameter = tuple(self.values.get((ev.CONTROL, channel, half), 1.0) for half in name)
        needs = self.latest(*((ev.CONTROL, channel, half) for half in name))
        coarse, fine = ("data", channel, name, parameter, True), ("data", channel, name, parameter, False)
        if number == _DATA:
            self.drop(fine, index)
            self.keep(coarse, index, needs)
        elif number == _DATA_LSB:
            self.keep(fine, index, needs)
        else:  # an increment depends on all earlier values
            self.live[coarse].append(index)
            self.until[index], self.needs[index] = self.count, needs

    def keys(self, channel: int) -> set[float]:
        """The sounding keys of a channel."""
        return {float(key[2]) for key, events in self.live.items() if key[:2] == ("note", channel) and events}  # type: ignore[arg-type]

    def lift(self, channel: int, number: float, index: int) -> None:
        """A key is released; it keeps sounding if a pedal holds it."""
        pedals: list[Key] = []
        if self.values.get((ev.CONTROL, channel, ev.SUSTAIN), 0.0) >= 0.5:
            pedals.append((ev.CONTROL, channel, ev.SUSTAIN))
        if number in self.caught[channel]:
            pedals.append(("press", channel))
        if not pedals or not self.live.get(("note", channel, number)):
            self.end(channel, number, index)
        elif number not in self.lifted[channel]:
            self.keep(("off", channel, number), index, self.latest(*pedals))
            self.lifted[channel].add(number)

    def let_go(self, channel: int, index: int) -> None:
        """After a pedal moves: ends the notes that no pedal holds."""
        if self.values.get((ev.CONTROL, channel, ev.SOSTENUTO), 0.0) < 0.5:
            self.caught[channel].clear()
        if self.values.get((ev.CONTROL, channel, ev.SUSTAIN), 0.0) < 0.5:
            for number in self.lifted[channel] - self.caught[channel]:
                self.end(channel, number, index)

    def end(self, channel: int, number: float, index: int) -> None:
        """A note ends."""
        for key in ("note", channel, number), ("off", channel, number), (ev.KEY_PRESSURE, channel, number):
            self.drop(key, index)
        self.lifted[channel].discard(number)

    def end_all(self, channel: int, index: int) -> None:
        """All notes of a channel end."""
        for number in self.keys(channel):
            self.end(channel, number, index)


def chased(events: Array) -> Array:
    """[control] int64 (n,): how long each event is in effect. Before event i, these are all j < i with chased[j] >= i.

    Event number chased[j] replaces event j; a note that ends exactly at the start position does not sound
    across it. Events that are never replaced have n.

    events   float64 (n, 4): kind, channel, number and value
    """
    reader = _Reader(len(events))
    for first in range(0, len(events), PIECE):
        for index, (kind, channel, number, value) in enumerate(events[first : first + PIECE].tolist(), first):
            reader.read(index, int(kind), int(channel), number, value)
    until = reader.until
    for index in sorted(reader.needs, reverse=True):
        for needed in reader.needs[index]:
            until[needed] = max(until[needed], until[index])
    return until


def snapshots(until: Array) -> tuple[Array, Array]:
    """[control] The events in effect before every 256th event, as concatenated lists, and the start of each list."""
    lists, now = [np.zeros(0, np.int64)], np.zeros(0, np.int64)
    for place in range(EVERY, len(until) + 1, EVERY):
        now = np.append(now, np.arange(place - EVERY, place))
        now = now[until[now] >= place]
        lists.append(now)
    return np.concatenate(lists), np.cumsum([0, *map(len, lists)])


def part_from(timed: Array, frame: int) -> Array:
    """[control] The timed events of a file from a frame on, with that frame as frame 0.

    The earlier events that are still in effect come first. The part lies in the same memory.
    """
    if not frame:
        return timed
    place, later = (int(np.searchsorted(timed["time"], frame, side)) for side in ("left", "right"))
    event = timed["event"][:later]  # what comes after the frame decides nothing
    rows = np.column_stack([event[name].astype(np.float64) for name in ("kind", "channel", "number", "value")])
    until = chased(rows)[:place]
    over = until < later
    kept = (until >= place) & ~(over & np.isin(rows[:place, 0], NOTES))
    first = timed[:place][kept]
    part = timed[place - len(first) :]
    part[: len(first)] = first
    part["time"] = np.maximum(part["time"] - frame, 0)
    return part
