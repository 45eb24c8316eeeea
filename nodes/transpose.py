"""Note transposition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import KEY_PRESSURE, NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.sequencing.scales import ROOTS, SCALES, nearest_keys
from nodes.dsp.sequencing.transforms import KEYS, begin, copy, ends_all, finish, folded, forget, place_of

NONE = -1000.0


class Transpose(Node):
    """Transposer: moves notes by semitones and, if a scale is chosen, to the nearest note of that scale.

    A note-off always ends the note that its note-on started, even if `semitones` has changed since. Where two keys map
    to one note, it ends with the last of them. Notes beyond the MIDI range are folded back by octaves.
    """

    events = In(kind="events", doc="Notes to transpose; other events pass through.")
    semitones = In(0.0, "semitones", -127.0, 127.0, ramp=0.0, voices=1, channels=1, doc="Interval; positive is up.")
    scale = Option("chromatic", choices=tuple(SCALES), doc="Scale to snap to.")
    root = Option("C", choices=ROOTS, doc="First note of the scale.")
    out = Out(kind="events", doc="Transposed notes.")

    nearest = State(ndim=1, dtype=np.float64)
    became = State((KEYS,), np.float64, initial=NONE, doc="Output note of each key that is down.")
    held = State((KEYS,), np.int32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        return {"nearest": nearest_keys(self.options["scale"], ROOTS.index(self.options["root"]))}

    @kernel(double=True)
    def process(block):
        out, became, held = block.out, block.became, block.held
        clear(out)
        for i in range(block.events.count[0]):
            event = block.events.records[i]
            if ends_all(event):
                forget(became, event.channel, NONE)
                forget(held, event.channel, 0)
            if event.kind not in (NOTE_ON, NOTE_OFF, KEY_PRESSURE):
                copy(out, event)
                continue
            semitones = clamp(float(block.semitones[min(event.frame, block.frames - 1), 0]), -127.0, 127.0)
            number = folded(event.number + semitones)
            if block.scale != 0:
                number = block.nearest[int(min(np.floor(number + 0.5), 127.0))]
            at = place_of(event.channel, event.number)
            before = became[at]
            if event.kind == KEY_PRESSURE:
                number = number if before == NONE else before
                emit(out, event.frame, KEY_PRESSURE, event.channel, event.note_id, number, event.value)
                continue
            if before != NONE or event.kind == NOTE_OFF:
                finish(out, held, event, number if before == NONE else before, before != NONE)
                became[at] = NONE
            if event.kind == NOTE_ON:
                begin(out, held, event, number, event.value)
                became[at] = number
