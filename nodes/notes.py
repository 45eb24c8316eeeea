"""Note sequence written as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, NodeError, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.math.random import seeds
from nodes.dsp.sequencing.directions import DIRECTION_DOC, DIRECTIONS
from nodes.dsp.sequencing.notation import Step, parse
from nodes.dsp.sequencing.note_table import KEY, VELOCITY, find_row, is_over, note_table, row_due
from nodes.dsp.sequencing.sequence import HEAD, MOVED, RUNNING, follow_reset


class Notes(Node):
    """Note sequence written as text and played by a clock: `Notes("C4 E4 [G4 C5]:0.6*2 . | A3*3 -")`.

    Each token lasts one step: a note, a chord in brackets, `.` for a rest, `-` to hold the previous note.
    A note is a name or a MIDI key number; `A4+14c` is 14 cents higher. `:0.5` sets the velocity, `*3` the length
    in steps; a bar line `|` has no effect. An event falls on the first frame at or after its beat, even during tempo
    changes. When the clock stops or jumps, notes end at that frame. Runs at `tempo` without a clock.
    """

    notes = Option("C4 E4 G4 E4", items=" ", doc="The sequence.")
    clock = In(kind="clock", doc="Clock to follow.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step.")
    step = Option(0.5, min=1 / 64, max=64.0, doc="Beats per token.")
    direction = Option("forward", choices=DIRECTIONS, doc=DIRECTION_DOC)
    gate = Option(0.9, min=0.01, max=1.0, doc="Fraction of a note's last step that sounds.")
    velocity = Option(0.8, min=0.01, max=1.0, doc="Velocity of notes that give none.")
    loop = Option(True, doc="Repeat at the end.")
    transpose = Option(0, "semitones", min=-127, max=127, doc="Transposition of all notes.")
    channel = Option(1, min=1, max=16, doc="MIDI channel of the notes.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives one from the node's name.")
    out = Out(kind="events", doc="Notes of the sequence.")

    rows = State(ndim=2, dtype=np.float64)
    rounds = State(ndim=1, dtype=np.int64)
    length = State(ndim=1, dtype=np.float64)
    place = State(ndim=1, dtype=np.int64)
    sounding = State((128,), np.float64, keeps=True, doc="Sounding keys, each plus 1; 0 is free.")
    salt = State(ndim=1, dtype=np.uint32)
    head = State((HEAD,), np.float64)
    grid = State((1,), np.float64, doc="Beats per step.")
    done = State((1,), np.int64)

    def validate(self) -> None:
        with self.naming("notes"):
            steps, _ = parse(self.options["notes"])
            key = next((key for note in steps for key in self._moved(note) if not 0 <= key <= 127), None)
            if key is not None:
                raise NodeError(f"key {key:g} is outside 0 .. 127 (C-1 .. G9)")

    def _moved(self, note: Step) -> list[float]:
        return [key + self.options["transpose"] for key in note.keys]

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        options = self.options
        steps = [replace(note, keys=tuple(self._moved(note))) for note in parse(options["notes"])[0]]
        table = note_table(steps, options["step"], options["gate"], options["velocity"], options["direction"])
        salt = seeds(setup.name, options["seed"], 1)
        return {**table, "place": [0, table["rounds"][1], 0], "grid": [options["step"]], "salt": salt}

    @kernel(double=True)
    def process(block):
        out, place, rows, rounds, length = block.out, block.place, block.rows, block.rounds, block.length[0]
        head, step, salt, sounding, channel = block.head, block.grid[0], block.salt[0], block.sounding, block.channel
        clear(out)
        for frame in range(block.frames):
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
            if head[MOVED] != 0.0:
                for i in range(128):
                    if sounding[i] != 0.0:
                        emit(out, frame, NOTE_OFF, channel, 0, sounding[i] - 1.0, 0.5)
                        sounding[i] = 0.0
                find_row(place, rows, rounds, salt, beat, length, block.loop)
            for _ in range(2 * rows.shape[0] if head[RUNNING] != 0.0 else 0):
                row = row_due(place, rows, rounds, salt, beat, length, block.loop)
                if row < 0:
                    break
                key, velocity = rows[row, KEY], rows[row, VELOCITY]
                free = 127
                for i in range(127, -1, -1):
                    free = i if sounding[i] == 0.0 else free
                for i in range(128):
                    free = i if sounding[i] == key + 1.0 else free
                if sounding[free] == key + 1.0 or (sounding[free] != 0.0 and velocity > 0.0):
                    emit(out, frame, NOTE_OFF, channel, 0, sounding[free] - 1.0, 0.5)
                    sounding[free] = 0.0
                if velocity > 0.0:
                    sounding[free] = key + 1.0
                    emit(out, frame, NOTE_ON, channel, 0, key, velocity)
        block.done[0] = 1 if is_over(place, rounds, block.loop) else 0
