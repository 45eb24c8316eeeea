"""A Standard MIDI File as a table for kernels, played in frames at its own tempo or in beats of a clock."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import (
    CAPACITY,
    CONTROL,
    KEY_PRESSURE,
    NOTE_OFF,
    NOTE_ON,
    SOSTENUTO,
    SUSTAIN,
    emit,
    inline,
)  # fmt: skip
from graph.midi import MidiSong, last_beat, packed_at
from nodes.dsp.sequencing.sequence import EARLY, EVER
from nodes.dsp.sequencing.transforms import KEYS, place_of

SOUNDING = KEYS + 32
"""Keys of all channels, then two pedals per channel."""
KIND, CHANNEL, NUMBER, VALUE = range(4)


def table(song: MidiSong, unit: str, per: float, channel: int, transpose: int, end: float) -> tuple[Any, Any]:
    """[control] Due times in units of 1 / `per` of `unit`, and the events; of one channel, or of all if 0.

    Events from `end` on are dropped, and notes sounding then are ended.
    """
    timed = packed_at(song, per, unit)
    timed = timed[timed["event"]["channel"] == channel] if channel else timed
    timed = timed[: np.searchsorted(timed["time"], end)] if end < np.inf else timed
    events = np.empty((len(timed), 4), np.float32)
    for column, name in enumerate(("kind", "channel", "number", "value")):
        events[:, column] = timed["event"][name]
    events[np.isin(timed["event"]["kind"], (NOTE_ON, NOTE_OFF, KEY_PRESSURE)), NUMBER] += transpose
    at = timed["time"].astype(np.float64)
    ends = [(NOTE_OFF, *key, 0.5) for key in _held(events)] if end < np.inf else []
    return (np.append(at, [end] * len(ends)), np.vstack([events, *ends])) if ends else (at, events)


def _held(events: Any) -> list[tuple[float, float]]:
    """[control] Channels and numbers of the notes that events leave on."""
    sounding: dict[tuple[float, float], bool] = {}
    for kind, where, number, _ in events[np.isin(events[:, KIND], (NOTE_ON, NOTE_OFF))]:
        sounding[where, number] = kind == NOTE_ON
    return [key for key, on in sounding.items() if on]


def lengths(song: MidiSong, beats: float) -> tuple[float, float]:
    """[control] Seconds and beats of the loop: `beats` long, or the whole song if 0."""
    if beats == 0:
        return song.duration, last_beat(song)
    tempo = song.tempos[max(int(np.searchsorted(song.tempos["beat"], beats, "right")) - 1, 0)]
    return float(tempo["seconds"] + (beats - tempo["beat"]) * 60.0 / tempo["bpm"]), beats


def score(song: MidiSong, rate: float, length: float, channel: int, transpose: int, *, by_beat: bool) -> dict[str, Any]:
    """[control] A song's events by frames or by beats, and the length of its loop in both."""
    seconds, beats = lengths(song, length)
    frames, ticks = max(seconds * rate, 1.0), float(song.ppq)
    unit, per, end = ("beat", ticks, beats * ticks) if by_beat else ("seconds", rate, frames)
    times, events = table(song, unit, per, channel, transpose, float(np.rint(end)) if length > 0 else np.inf)
    times = times / ticks if by_beat else times
    return {"times": times, "events": events, "lengths": [frames, max(beats, 1.0 / ticks)]}


def place_at(times: Any, length: float, frame: int, loop: bool) -> list[int]:
    """[control] A frame, the next event there, and the number of completed passes."""
    turn = int((frame + 0.5) // length) if loop else 0
    return [frame, int(np.count_nonzero(np.floor(times + turn * length + 0.5) < frame)), turn]


@inline(double=True)
def note_sounding(sounding, event):
    """[audio] Tracks which keys sound and which pedals are down."""
    channel = int(event[CHANNEL])
    if event[KIND] == NOTE_ON or event[KIND] == NOTE_OFF:
        sounding[place_of(channel, event[NUMBER])] = 1 if event[KIND] == NOTE_ON else 0
    elif event[KIND] == CONTROL and (event[NUMBER] == SUSTAIN or event[NUMBER] == SOSTENUTO):
        pedal = 0 if event[NUMBER] == SUSTAIN else 16
        sounding[KEYS + pedal + (channel & 15)] = 1 if event[VALUE] >= 0.5 else 0


@inline(double=True)
def silence(out, sounding, frame):
    """[audio] Ends all sounding keys and lifts the pedals; events that do not fit wait for the next frame."""
    for at in range(SOUNDING):
        if sounding[at] != 0 and out.count[0] < CAPACITY:
            sounding[at] = 0
            row = at if at < KEYS else at - KEYS
            channel = row // 128 if at < KEYS else row % 16
            channel = channel if channel > 0 else 16
            if at < KEYS:
                emit(out, frame, NOTE_OFF, channel, 0, float(row % 128), 0.5)
            else:
                emit(out, frame, CONTROL, channel, 0, float(SUSTAIN if row < 16 else SOSTENUTO), 0.0)


@inline(double=True)
def give(out, event, frame):
    """[audio] Outputs an event of the table."""
    emit(out, frame, int(event[KIND]), int(event[CHANNEL]), 0, event[NUMBER], event[VALUE])


@inline(double=True)
def place_in(beats, place, beat, length, loop):
    """[audio] Index of the first event at or after a beat, and the number of passes completed before it."""
    place[2] = int(max(np.floor((beat + EARLY) / length), 0.0)) if loop else 0
    low = 0
    high = beats.shape[0]
    while low < high:
        middle = (low + high) // 2
        if beats[middle] + place[2] * length < beat - EARLY:
            low = middle + 1
        else:
            high = middle
    place[1] = low


@inline(double=True)
def take(times, place, length, loop):
    """[audio] Due time of the next event; `EVER` after the last."""
    count = times.shape[0]
    if place[1] == count and count > 0 and loop:
        place[1] = 0
        place[2] += 1
    return times[place[1]] + place[2] * length if place[1] < count else EVER


@inline(double=True)
def give_due(out, beats, events, place, beat, length, loop, sounding, frame):
    """[audio] Outputs the events up to a beat, as many as the cable takes."""
    for _ in range(CAPACITY):
        if take(beats, place, length, loop) > beat + EARLY or out.count[0] == CAPACITY:
            break
        note_sounding(sounding, events[place[1]])
        give(out, events[place[1]], frame)
        place[1] += 1
