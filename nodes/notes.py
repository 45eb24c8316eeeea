"""A short written sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, NodeError, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.sequencing.notation import Step, parse
from nodes.dsp.sequencing.sequence import EARLY, HEAD, MOVED, RUNNING, follow_reset


class Notes(Node):
    """A sequence written as text, played by a clock: `Notes("C4 E4 [G4 C5]:0.6*2 . | A3*3 -")`.

    A token lasts one step: a note, a chord in brackets, `.` for silence, `-` to hold the note before.
    A note is a name or the number of a key; `A4+14c` is 14 cents higher. `:0.5` is its velocity, `*3` its length
    in steps, `|` is for the eye. An event falls on the first frame whose beat has reached it, whatever the tempo
    does. Where the clock stops or jumps, notes end at that frame. With no clock it runs at its own `tempo`.
    """

    notes = Option("C4 E4 G4 E4", items=" ", doc="What to play.")
    clock = In(kind="clock", doc="Clock to follow.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Where there is no clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step.")
    step = Option(0.5, min=1 / 64, max=64.0, doc="Beats that a token lasts.")
    gate = Option(0.9, min=0.01, max=1.0, doc="Part of its last step for which a note sounds.")
    velocity = Option(0.8, min=0.01, max=1.0, doc="Velocity of notes that say none.")
    loop = Option(True, doc="Begin again at the end.")
    transpose = Option(0, "semitones", min=-127, max=127, doc="How far up to play.")
    channel = Option(1, min=1, max=16, doc="Channel of the notes.")
    out = Out(kind="events", doc="The notes.")

    beats = State(ndim=1, dtype=np.float64)
    velocities = State(ndim=1, dtype=np.float64)
    keys = State(ndim=1, dtype=np.float64)
    length = State(ndim=1, dtype=np.float64)
    place = State((2,), np.int64, doc="Next event, and how often all was played.")
    sounding = State((128,), np.float64, keeps=True, doc="1 more than the key, by its nearest whole one; 0 is off.")
    head = State((HEAD,), np.float64)
    grid = State((1,), np.float64, doc="Beats per step.")
    done = State((1,), np.int64)

    def validate(self) -> None:
        with self.naming("notes"):
            steps, _ = parse(self.options["notes"])
            key = next((key for note in steps for key in self._moved(note) if not 0 <= key <= 127), None)
            if key is not None:
                raise NodeError(f"key {key:g} is outside 0 .. 127 (C-1 .. G9)")

    def lasts(self) -> float | None:
        return None if self.options["loop"] else parse(self.options["notes"])[1] * self.options["step"]

    def _moved(self, note: Step) -> list[float]:
        return [key + self.options["transpose"] for key in note.keys]

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        self.validate()
        options = self.options
        steps, length = parse(options["notes"])
        events = []
        for note in steps:
            sounds = note.length - (1 - options["gate"]) * min(note.length, 1)
            for key in self._moved(note):
                events.append((note.start * options["step"], 1, key, note.velocity or options["velocity"]))
                events.append(((note.start + sounds) * options["step"], 0, key, 0.0))
        events.sort(key=lambda event: event[:2])
        beats, _, keys, velocities = zip(*events, strict=True)
        return {"beats": beats, "keys": keys, "velocities": velocities, "length": [length * options["step"]]} | {
            "grid": [options["step"]]
        }

    @kernel(double=True)
    def process(block):
        out, place, beats, length = block.out, block.place, block.beats, block.length[0]
        head, step = block.head, block.grid[0]
        count = beats.shape[0]
        clear(out)
        for frame in range(block.frames):
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
            if head[MOVED] != 0.0:
                for key in range(128):
                    if block.sounding[key] != 0:
                        emit(out, frame, NOTE_OFF, block.channel, 0, block.sounding[key] - 1.0, 0.5)
                        block.sounding[key] = 0.0
                place[1] = int(max(np.floor((beat + EARLY) / length), 0.0)) if block.loop else 0
                place[0] = 0
                while place[0] < count and beats[place[0]] + place[1] * length < beat - EARLY:
                    place[0] += 1
            for _ in range(2 * count):
                if place[0] == count and block.loop:
                    place[0] = 0
                    place[1] += 1
                if head[RUNNING] == 0.0 or place[0] == count or beats[place[0]] + place[1] * length > beat + EARLY:
                    break
                key = block.keys[place[0]]
                velocity = block.velocities[place[0]]
                place[0] += 1
                row = min(int(key + 0.5), 127)
                if block.sounding[row] != 0.0 and (velocity == 0.0 or block.sounding[row] != key + 1.0):
                    emit(out, frame, NOTE_OFF, block.channel, 0, block.sounding[row] - 1.0, 0.5)
                    block.sounding[row] = 0.0
                if velocity > 0.0:
                    block.sounding[row] = key + 1.0
                    emit(out, frame, NOTE_ON, block.channel, 0, key, velocity)
        block.done[0] = 1 if place[0] == count and not block.loop else 0
