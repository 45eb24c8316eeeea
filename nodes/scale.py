from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, per_sample
from graph.music import pitch_class
from nodes.dsp.math.functions import clamp, exp2, log2
from nodes.dsp.sequencing.scales import keys_of, root_option, scale_option

CELLS = 120


class Scale(Node, family="Modulation"):
    """Pitch quantizer: snaps a frequency to the nearest note of a scale.

    Nearest in semitones, from a table with a resolution of a tenth of a semitone. Hysteresis of a tenth of a semitone
    past the midpoint between two notes keeps an unsteady pitch from trilling.
    """

    freq = In(440, "Hz", 1, 20_000, curve="log", ramp=0, doc="Frequency to quantize.")
    scale = scale_option("major", "Scale to quantize to.")
    root = root_option("First note of the scale.")
    tuning = Option(440.0, "Hz", min=400, max=480, doc="Frequency of the A above middle C.")
    out = Out("Hz", doc="Frequency of the quantized note.")
    nearest = State((CELLS,), doc="Nearest note in semitones above C, for each tenth of a semitone.")
    held = State(initial=-1000, doc="Current note, in semitones above the lowest C.")

    def validate(self) -> None:
        with self.naming("scale"):
            keys_of(self.options["scale"], 0)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        self.validate()
        notes = np.array(keys_of(self.scale, 24 + pitch_class(self.root))) - 24
        place = (np.arange(CELLS) + 0.5) * 12 / CELLS
        return {"nearest": notes[np.abs(place[:, None] - notes).argmin(1)]}

    @per_sample
    def process(freq, tuning, nearest, held):
        base = 8.175798915643707 / 440.0 * tuning
        semitones = 12.0 * log2(freq / base)
        octave = np.floor(semitones * 0.083333333)
        cell = clamp((semitones - 12.0 * octave) * 10.0, 0.0, 119.0)
        note = 12.0 * octave + nearest[np.int64(cell)]
        note = held if abs(semitones - held) < abs(semitones - note) + 0.2 else note
        return base * exp2(note * 0.083333333), note
