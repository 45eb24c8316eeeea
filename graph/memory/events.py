"""The contents of events cables and clock cables, and the kernel helpers that read and write them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graph.native.functions import inline

NOTE_OFF = 0
"""`number` is the key (69.0 is A4; fractions are microtuning), `value` the release velocity 0..1."""
NOTE_ON = 1
"""`number` is the key, `value` the velocity above 0 to 1."""
CONTROL = 2
"""`number` is the controller, `value` 0..1."""
BEND = 3
"""`value` is -1..1 of the pitch-bend range."""
PRESSURE = 4
"""`value` is 0..1, for the whole channel."""
KEY_PRESSURE = 5
"""`number` is the key, `value` 0..1."""
PROGRAM = 6
"""`number` is the program, counted from 0."""

START = 16
"""A clock starts; `value` is the beat. MIDI start: from beat 0."""
STOP = 17
"""A clock stops; `value` is the beat. MIDI stop carries none (0)."""
JUMP = 18
"""A clock jumps; `value` is the new beat. MIDI: song position."""
TICK = 19
"""MIDI timing clock: 24 per beat."""
CONTINUE = 20
"""MIDI continue: resumes from the stop position."""
TRIGGER = 24
"""A signal rises above 0.5: `channel` and `number` are its channel and voice, from 1, `value` the signal. Python alone
receives it (`Live.events`)."""
SYSEX = 32
"""Part of an outgoing system exclusive message (`graph.midi.outgoing`). Never on a cable."""
SYSEX_PIECE = 16
"""Bytes per part; they are stored in place of `number` and `value`."""

SUSTAIN = 64
SOSTENUTO = 66
TIMBRE = 74
ALL_SOUND_OFF = 120
RESET_CONTROLLERS = 121
ALL_NOTES_OFF = 123

EVENT = np.dtype(
    [
        ("frame", np.int32),
        ("kind", np.int32),
        ("channel", np.int32),
        ("note_id", np.int32),
        ("number", np.float64),
        ("value", np.float64),
    ]
)
"""One event: `frame` is its offset in the block, `channel` counts from 1, `note_id` distinguishes notes
of the same key (0: unknown)."""

TIMED_EVENT = np.dtype([("time", np.int64), ("event", EVENT)])
"""An event on its way to the engine, with its absolute frame."""

PACKED_EVENT = np.dtype([("kind", np.int8), ("channel", np.int8), ("number", np.int16), ("value", np.float64)])
PACKED_TIMED_EVENT = np.dtype([("time", np.int64), ("event", PACKED_EVENT)])
"""An event of a MIDI file, in half the memory, for a file may have millions: all fields that are not 0."""

TAPPED = np.dtype([("time", np.int64), ("beat", np.float64), ("tap", np.int64), ("event", EVENT)])
"""An event on its way to Python from tap number `tap`, with its absolute frame and its beat (NaN without a clock)."""

CAPACITY = 256
"""Capacity of an events cable per block; further events are counted as dropped."""

HEADER_BYTES = 64
EVENTS_BYTES = HEADER_BYTES + CAPACITY * EVENT.itemsize


class Events(NamedTuple):
    """An events cable in one block: `count[0]` records are valid.

    Since the start, `count[1]` events were dropped and `count[2]` were notes.
    """

    count: Any
    records: Any


class Clock(NamedTuple):
    """A clock cable in one block.

    beat      float64 (frames + 1,): the beat at every frame; the last entry is the start of the next
              block, barring changes
    tempo     float64 (frames,): beats per minute
    playing   uint8 (frames,): 1 while the clock runs
    quantum   float64 (1,): beats per bar
    changes   Events with START, STOP and JUMP at their frames
    """

    beat: Any
    tempo: Any
    playing: Any
    quantum: Any
    changes: Events


def clock_bytes(frames: int) -> int:
    """Size of a clock cable's memory; `clock_offsets` gives its layout."""
    return clock_offsets(frames)[-1] + EVENTS_BYTES


def clock_offsets(frames: int) -> tuple[int, int, int, int, int]:
    """Byte offsets of beat, tempo, playing, quantum and changes."""
    tempo = (frames + 1) * 8
    quantum = tempo + frames * 8
    playing = quantum + 8
    changes = (playing + frames + 63) // 64 * 64
    return 0, tempo, playing, quantum, changes


def new_events() -> Events:
    """An empty events cable, for tests and tools."""
    return Events(np.zeros(8, np.int64), np.zeros(CAPACITY, EVENT).view(np.recarray))


def new_clock(frames: int, tempo: float = 120.0, sample_rate: float = 48_000.0, start: float = 0.0) -> Clock:
    """A running clock of one block, for tests and tools."""
    return Clock(
        start + np.arange(frames + 1) * tempo / (60.0 * sample_rate),
        np.full(frames, float(tempo)),
        np.ones(frames, np.uint8),
        np.array([4.0]),
        new_events(),
    )


@inline(double=True)
def clear(events):  # type: ignore[no-untyped-def]
    """[audio] Empties a cable at the start of a block; the count of dropped events continues."""
    events.count[0] = 0


@inline(double=True)
def emit(events, frame, kind, channel, note_id, number, value):  # type: ignore[no-untyped-def]
    """[audio] Adds one event; counts it as dropped when the cable is full.

    Nodes use keys as indices, so a number or value that is not finite becomes 0.
    """
    i = events.count[0]
    if i < CAPACITY:
        record = events.records[i]
        record.frame = frame
        record.kind = kind
        record.channel = channel
        record.note_id = note_id
        record.number = number if number - number == 0.0 else 0.0
        record.value = value if value - value == 0.0 else 0.0
        events.count[0] = i + 1
        if kind == NOTE_ON:
            events.count[2] += 1
    else:
        events.count[1] += 1


@inline(double=True)
def copy_event(target, source):  # type: ignore[no-untyped-def]
    """[audio] Copies one record to another, except its frame."""
    target.kind = source.kind
    target.channel = source.channel
    target.note_id = source.note_id
    target.number = source.number
    target.value = source.value
