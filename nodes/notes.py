"""A short written sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, NodeError, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.clocks.beats import beat_at
from nodes.dsp.math.functions import clamp
from nodes.dsp.sequencing.notation import Step, parse

EARLY = 1e-9
"""Beats by which rounding may bring an event forward; 0.1 ns at 600 bpm."""


class Notes(Node):
    """A sequence written as text, played by a clock: `Notes("C4 E4 [G4 C5]:0.6*2 . | A3*3 -")`.

    A token lasts one step: a note, a chord in brackets, `.` for silence, `-` to hold the note before.
    `:0.5` is its velocity, `*3` its length in steps, `|` is for the eye. An event falls on the first
    frame whose beat has reached it, whatever the tempo does. Where the clock stops or jumps, notes
    end at that frame. With no clock connected it runs at its own `tempo`.
    """

    notes = Option("C4 E4 G4 E4", doc="What to play.")
    clock = In(kind="clock", doc="Clock to follow.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Where there is no clock.")
    step = Option(0.5, min=1 / 64, max=64.0, doc="Beats that a token lasts.")
    gate = Option(0.9, min=0.01, max=1.0, doc="Part of its last step for which a note sounds.")
    velocity = Option(0.8, min=0.01, max=1.0, doc="Velocity of notes that say none.")
    loop = Option(True, doc="Begin again at the end.")
    transpose = Option(0, "semitones", min=-127, max=127, doc="How far up to play.")
    channel = Option(1, min=1, max=16, doc="Channel of the notes.")
    out = Out(kind="events", doc="The notes.")

    beats = State(ndim=1, dtype=np.float64)
    velocities = State(ndim=1, dtype=np.float64)
    keys = State(ndim=1, dtype=np.int64)
    length = State(ndim=1, dtype=np.float64)
    place = State((2,), np.int64, doc="Next event, and how often all was played.")
    running = State((1,), np.int64)
    sounding = State((128,), np.int64, keeps=True)
    anchor = State((3,), np.float64)
    done = State((1,), np.int64)

    def verify(self) -> None:
        with self.naming("notes"):
            steps, _ = parse(self.options["notes"])
            key = next((key for note in steps for key in self._moved(note) if not 0 <= key <= 127), None)
            if key is not None:
                raise NodeError(f"key {key} is outside 0 .. 127 (C-1 .. G9)")

    def _moved(self, note: Step) -> list[int]:
        return [key + self.options["transpose"] for key in note.keys]

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        self.verify()
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
        return {"beats": beats, "keys": keys, "velocities": velocities, "length": [length * options["step"]]}

    @kernel(double=True)
    def process(block):
        out, place, beats, length = block.out, block.place, block.beats, block.length[0]
        changes = block.clock.changes
        count = beats.shape[0]
        change = 0
        clear(out)
        for frame in range(block.frames):
            free = block.clock.tempo[frame] <= 0.0
            beat = block.clock.beat[frame]
            playing = block.clock.playing[frame] != 0
            if free:
                beat = beat_at(block.anchor, clamp(float(block.tempo[frame, 0]), 20.0, 999.0), float(block.sample_rate))
                block.anchor[1] += 1.0
                playing = True
            moved = playing != (block.running[0] != 0)
            while change < changes.count[0] and changes.records[change].frame <= frame:
                moved = True
                change += 1
            if moved:
                block.running[0] = 1 if playing else 0
                for key in range(128):
                    if block.sounding[key] != 0:
                        block.sounding[key] = 0
                        emit(out, frame, NOTE_OFF, block.channel, 0, float(key), 0.5)
                place[1] = int(max(np.floor((beat + EARLY) / length), 0.0)) if block.loop else 0
                place[0] = 0
                while place[0] < count and beats[place[0]] + place[1] * length < beat - EARLY:
                    place[0] += 1
            for _ in range(2 * count):
                if place[0] == count and block.loop:
                    place[0] = 0
                    place[1] += 1
                if not playing or place[0] == count or beats[place[0]] + place[1] * length > beat + EARLY:
                    break
                key = block.keys[place[0]]
                velocity = block.velocities[place[0]]
                place[0] += 1
                if velocity > 0.0:
                    block.sounding[key] = 1
                    emit(out, frame, NOTE_ON, block.channel, 0, float(key), velocity)
                elif block.sounding[key] != 0:
                    block.sounding[key] = 0
                    emit(out, frame, NOTE_OFF, block.channel, 0, float(key), 0.5)
        block.done[0] = 1 if place[0] == count and not block.loop else 0
