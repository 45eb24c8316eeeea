"""Harmonies for notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.sequencing.scales import ROOTS, SCALES, intervals_of, nearest_keys
from nodes.dsp.sequencing.transforms import KEYS, begin, copy, ends_all, finish, folded, forget, place_of


class Harmonize(Node):
    """Harmonizer: adds notes at fixed intervals, as parallel chords or as diatonic chords of a scale.

    `4 7` adds a third and a fifth. With a scale selected, each added note moves to the nearest scale note, the
    lower of two equally near, so C gets a major chord and D a minor one. If two chords share a key, the note ends
    with the later chord.
    """

    events = In(kind="events", doc="Notes to harmonize; other events pass through.")
    intervals = Option("major", items=" ", doc="Semitones, such as 4 7 or -12, or a chord such as minor_seventh.")
    scale = Option("chromatic", choices=tuple(SCALES), doc="Scale for the added notes.")
    root = Option("C", choices=ROOTS, doc="Root of the scale.")
    level = In(0.8, "", 0.01, 1.0, ramp=0.0, voices=1, channels=1, doc="Relative velocity of the added notes.")
    out = Out(kind="events", doc="Played note, then the added ones.")

    added = State(ndim=1, dtype=np.float64)
    nearest = State(ndim=1, dtype=np.float64)
    down = State((KEYS,), np.int32)
    held = State((KEYS,), np.int32)

    def validate(self) -> None:
        with self.naming("intervals"):
            intervals_of(self.options["intervals"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        self.validate()
        added = [interval for interval in intervals_of(self.options["intervals"]) if interval]
        nearest = nearest_keys(self.options["scale"], ROOTS.index(self.options["root"]))
        return {"added": [0, *added], "nearest": nearest}

    @kernel(double=True)
    def process(block):
        out, held = block.out, block.held
        clear(out)
        for i in range(block.events.count[0]):
            event = block.events.records[i]
            if ends_all(event):
                forget(block.down, event.channel, 0)
                forget(held, event.channel, 0)
            if event.kind not in (NOTE_ON, NOTE_OFF):
                copy(out, event)
                continue
            at = place_of(event.channel, event.number)
            level = clamp(float(block.level[min(event.frame, block.frames - 1), 0]), 0.01, 1.0)
            known = block.down[at] != 0
            for voice in range(block.added.shape[0]):
                number = event.number
                if voice > 0:
                    number = folded(number + block.added[voice])
                    if block.scale != 0:
                        number = block.nearest[int(min(np.floor(number + 0.5), 127.0))]
                if known or event.kind == NOTE_OFF:
                    finish(out, held, event, number, known)
                if event.kind == NOTE_ON:
                    begin(out, held, event, number, event.value * (level if voice > 0 else 1.0))
            block.down[at] = 1 if event.kind == NOTE_ON else 0
