"""Polyphonic voice allocation."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import CAPACITY, In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.voices.allocation import STACK, UNISON
from nodes.dsp.voices.expression import receive
from nodes.dsp.voices.parameter_numbers import first_zone
from nodes.dsp.voices.voices import FRAME, MOVING, Memory, begin, first_memory, keep_options, move, settle, write


class VoiceAllocator(Node):
    """Polyphonic voice allocator: gives each note a voice with a frequency, a gate and its expression.

    A new note takes a voice that has never played, else the voice that has been silent longest. If all voices sound,
    it steals one: first the voice released longest ago and held only by a pedal, then the oldest. A repeated key
    reuses its own voice. A stolen voice takes the note at its exact frame; its velocity slews over 5 ms unless it was
    silent for 2 s. Instruments that read `velocity` only at a trigger, such as `Piano`, use `strike` instead.
    Voices follow the bend, pressure, timbre and pedals of their note's channel, and in an MPE zone also those of its
    master channel; there a released voice keeps its bend, pressure and timbre when its channel is reused.
    `mono` and `legato` use one voice, regardless of `polyphony`.
    """

    events = In(kind="events", doc="Notes and controller events.")
    polyphony = Option(16, min=1, max=256, doc="Number of voices.")
    mode = Option(
        "poly",
        choices=("poly", "mono", "legato", "unison"),
        doc="poly; mono: one voice, every note change triggers; legato: only the first note of a phrase triggers; "
        "unison: all voices play one note, detuned.",
    )
    mpe = Option(
        "auto", choices=("auto", "lower", "upper", "off"),
        doc="MPE zones. auto: set by MPE messages; lower, upper: one zone of all channels; off: none.",
    )  # fmt: skip
    priority = Option("last", choices=("last", "high", "low"), doc="Held key that sounds, except in poly.")
    glide = In(
        0.0, "s", 0.0, 10.0, voices=1, channels=1,
        doc="Glide time to the next note, or per octave by `glide_by`; in legato only if notes overlap.",
    )  # fmt: skip
    glide_by = Option("time", choices=("time", "rate"), doc="time: equal for every interval; rate: per octave.")
    glide_from = Option("last", choices=("last", "voice"), doc="Glide start in poly: last note of all or of the voice.")
    same_key = Option("once", choices=("once", "count"), doc="A key pressed twice ends at its first note-off or last.")
    keep_lowest = Option(False, doc="Never steal the lowest sounding note for a higher one.")
    bend_range = In(
        2.0, "semitones", 0.0, 96.0, rate="block", voices=1, channels=1, doc="Bend range, until RPN 0 sets it."
    )
    detune = In(15.0, "cents", 0.0, 100.0, rate="block", voices=1, channels=1, doc="Unison spread, -detune .. detune.")

    freq = Out("Hz", voices="polyphony", channels=1, persistent=True, doc="Frequency with bend and glide; A4 = 440 Hz.")
    gate = Out(voices="polyphony", channels=1, persistent=True, doc="1 while a key or a pedal holds the note, else 0.")
    trigger = Out(voices="polyphony", channels=1, persistent=True, doc="1 in the frame where a note starts, else 0.")
    velocity = Out(voices="polyphony", channels=1, persistent=True, unslewed="strike", doc="0 .. 1; kept in release.")
    strike = Out(voices="polyphony", channels=1, persistent=True, doc="Velocity without slew, to read at a trigger.")
    bend = Out(voices="polyphony", channels=1, persistent=True, doc="Pitch bend, -1 .. 1; already in `freq`.")
    pressure = Out(voices="polyphony", channels=1, persistent=True, doc="0 .. 1, larger of channel and key pressure.")
    timbre = Out(voices="polyphony", channels=1, persistent=True, doc="Controller 74, 0 .. 1; 0.5 at first, as in MPE.")
    release = Out(voices="polyphony", channels=1, persistent=True, doc="Velocity of the last note-off, 0 .. 1.")

    notes = State(ndim=2, dtype=np.float64)
    now = State(ndim=2)
    goal = State(ndim=2)
    left = State(ndim=2, dtype=np.int32)
    controls = State(ndim=2, dtype=np.float64)
    stack = State((STACK, 4), np.float64)
    flags = State(ndim=1, dtype=np.int64)
    settings = State((2,), np.float64, initial=-1)
    played = State(ndim=1, dtype=np.float64)

    def set(self, key: str, value: Any) -> None:
        super().set(key, value)
        if self.options["mode"] in ("mono", "legato"):
            self.options["polyphony"] = 1

    def prepare(self, setup: Setup) -> dict[str, Any]:  # noqa: ARG002
        memory = first_memory(self.options["polyphony"], self.options["mpe"] != "off")
        first_zone(memory["controls"], self.options["mpe"])
        return memory

    @kernel(double=True)
    def process(block):
        memory = Memory(
            block.notes, block.controls, block.now, block.goal, block.left, block.stack, block.flags, block.played
        )  # fmt: skip
        outs = (
            block.freq, block.gate, block.velocity, block.pressure,
            block.timbre, block.bend, block.release, block.strike, block.trigger,
        )  # fmt: skip
        begin(memory, block.freq[0, 0] == 0.0)
        rate = float(block.sample_rate)
        keep_options(memory, block.glide_by, block.glide_from, block.same_key, block.keep_lowest)
        bend_range = clamp(float(block.bend_range[0]), 0.0, 96.0)
        detune = clamp(float(block.detune[0]), 0.0, 100.0) / 100.0 if block.mode == UNISON else 0.0
        retune = block.settings[0] != bend_range or block.settings[1] != detune
        block.settings[0] = bend_range
        block.settings[1] = detune
        count = block.events.count[0]
        at = np.int64(0)
        for i in range(-1 if retune else 0, count + 1):
            event = block.events.records[min(max(i, 0), CAPACITY - 1)]
            until = 0 if i < 0 else block.frames if i == count else min(max(event.frame, at), block.frames - 1)
            while at < until:
                stop = at + 1 if memory.flags[MOVING] > 0 else until
                write(memory, outs, at, stop)
                if memory.flags[MOVING] > 0:
                    move(memory)
                at = stop
            time = memory.flags[FRAME] + at
            if 0 <= i < count:
                glide = clamp(float(block.glide[at, 0]), 0.0, 10.0)
                receive(memory, event, time, rate, block.mode, block.priority, glide)
            if i < count:
                settle(memory, time, rate, bend_range, detune, i < 0)
        memory.flags[FRAME] += block.frames
