from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, per_sample
from nodes.dsp.math.functions import clamp, exp2, log2
from nodes.dsp.sequencing.scales import ROOTS, SCALES

CELLS = 120


class Scale(Node, family="Modulation"):
    """Pitch quantizer: snaps a frequency to the nearest note of a scale.

    Nearest in semitones, from a table with a resolution of a tenth of a semitone. Hysteresis of a tenth of a semitone
    past the midpoint between two notes keeps an unsteady pitch from trilling.
    """

    freq = In(440, "Hz", 1, 20_000, curve="log", ramp=0, doc="Frequency to quantize.")
    scale = Option("major", choices=tuple(SCALES), doc="Scale to quantize to.")
    root = Option("C", choices=ROOTS, doc="First note of the scale.")
    tuning = Option(440.0, "Hz", min=400, max=480, doc="Frequency of the A above middle C.")
    out = Out("Hz", doc="Frequency of the quantized note.")
    nearest = State((CELLS,), doc="Nearest note in semitones above the root, for each tenth of a semitone.")
    held = State(initial=-1000, doc="Current note, in semitones above the lowest root.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        notes = np.array([n + 12 * octave for octave in (-1, 0, 1) for n in SCALES[self.scale]])
        place = (np.arange(CELLS) + 0.5) * 12 / CELLS
        return {"nearest": notes[np.abs(place[:, None] - notes).argmin(1)]}

    @per_sample
    def process(freq, root, tuning, nearest, held):
        base = 8.175798915643707 / 440.0 * tuning * exp2(np.float32(root) * 0.083333333)
        semitones = 12.0 * log2(freq / base)
        octave = np.floor(semitones * 0.083333333)
        cell = clamp((semitones - 12.0 * octave) * 10.0, 0.0, 119.0)
        note = 12.0 * octave + nearest[np.int64(cell)]
        note = held if abs(semitones - held) < abs(semitones - note) + 0.2 else note
        return base * exp2(note * 0.083333333), note
