"""A Standard MIDI File as a source of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import KEY_PRESSURE, NOTE_OFF, NOTE_ON, Node, NodeError, Option, Out, Setup, State, clear, emit, kernel
from graph.events import CAPACITY
from graph.midi_file import events_at, read


class MidiFile(Node):
    """Plays a Standard MIDI File from the start, every event at its exact frame.

    Times come from the file's own tempo, rounded once to frames: they do not follow a clock. A loop
    begins again when the longest track ends, counted from the first start, so it never drifts. What
    exceeds the events of one block is not lost but comes in the next.
    """

    file = Option("", doc="Path of a .mid file.")
    loop = Option(False, doc="Begin again at the end.")
    transpose = Option(0, "semitones", min=-127, max=127, doc="How far up to play all notes.")
    channel = Option(0, min=0, max=16, doc="The one channel to play, 1 .. 16; 0 plays all.")
    out = Out(kind="events", doc="Notes, controllers, bends, pressures and programs.")

    times = State(ndim=1, dtype=np.int64)
    events = State(ndim=2, dtype=np.float64)
    length = State(ndim=1, dtype=np.float64)
    place = State((3,), np.int64, doc="Frame, next event, times played.")
    done = State((1,), np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        if not self.options["file"]:
            raise NodeError(f"{self.label}.file: say which MIDI file to play, such as file: song.mid")
        song = read(self.options["file"])
        timed = events_at(song, setup.sample_rate)
        if self.options["channel"]:
            timed = timed[timed["event"]["channel"] == self.options["channel"]]
        event = timed["event"].copy()
        noted = np.isin(event["kind"], (NOTE_ON, NOTE_OFF, KEY_PRESSURE))
        event["number"][noted] += self.options["transpose"]
        columns = [event[name].astype(np.float64) for name in ("kind", "channel", "number", "value")]
        return {
            "times": timed["time"],
            "events": np.column_stack(columns),
            "length": [max(song.duration * setup.sample_rate, 1.0)],
        }

    @kernel(double=True)
    def process(block):
        place, count = block.place, block.times.shape[0]
        end = place[0] + block.frames
        clear(block.out)
        for _ in range(CAPACITY):
            if place[1] == count and count > 0 and block.loop:
                place[1] = 0
                place[2] += 1
            if place[1] == count:
                break
            time = block.times[place[1]] + int(np.floor(place[2] * block.length[0] + 0.5))
            if time >= end:
                break
            kind, channel = int(block.events[place[1], 0]), int(block.events[place[1], 1])
            number, value = block.events[place[1], 2], block.events[place[1], 3]
            emit(block.out, max(time - place[0], 0), kind, channel, 0, number, value)
            place[1] += 1
        place[0] = end
        block.done[0] = 1 if place[1] == count and (count == 0 or not block.loop) else 0
