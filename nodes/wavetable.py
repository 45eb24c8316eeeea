from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Option, Out, Setup, State, within
from graph.native import load
from nodes.dsp.math.functions import log2
from nodes.dsp.math.phase import STEP
from nodes.dsp.oscillators.oscillator import Oscillator, at_pitch, pitch, restarts
from nodes.dsp.oscillators.wavetables import HARMONICS, LEVELS, TABLES, built_in, from_file, reading, written


class Wavetable(Oscillator):
    """Wavetable oscillator: `position` morphs through single-cycle waveforms, as in PPG, Waldorf and Serum.

    Each cycle is stored once per quarter octave with only the harmonics below half the sample rate
    (nodes/dsp/oscillators/wavetables.py), so it does not alias, and glides cross between tables without a step. A file
    is a WAV of concatenated cycles, as most wavetable synthesizers write them.
    """

    freq = pitch(220)
    position = In(0, "", 0, 1, doc="Position from the first cycle to the last, with interpolation.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="-1 .. 1")
    table = Option("basic", choices=TABLES, unless="file", doc="Table; `basic` is sine, triangle, saw, square.")
    file = Option("", doc="Audio file of concatenated cycles, instead of a built-in table.")
    size = Option(2048, min=16, max=65_536, doc="Samples per cycle in the file.")
    turn = State(dtype=np.uint32, doc="2**32 per cycle.")
    waves = State(ndim=1, constant=True)
    starts = State(shape=LEVELS, dtype=np.int64)
    bits = State(shape=LEVELS, dtype=np.int64)
    cycles = State(shape=1, dtype=np.int64)

    def validate(self) -> None:
        if self.file:
            from_file(self.file, self.size)

    def prepare(self, setup: Setup) -> dict[str, Any]:
        spectra = from_file(self.file, self.size) if self.file else built_in(self.table)
        made = written(spectra)
        # One extra cycle, because the last one is blended with its successor too.
        waves = np.concatenate([made["table"], np.zeros(8192)])
        own = {"waves": waves, "starts": made["starts"], "bits": made["bits"], "cycles": [len(spectra)]}
        return {**super().prepare(setup), **own}

    @within(at_pitch, "turn", "steps")
    def process(turn, steps, position, waves, starts, bits, cycles):
        place = position * np.float32(load(cycles, 0) - 1)
        cycle = min(np.int64(place), max(load(cycles, 0) - 2, 0))
        blend = place - np.float32(cycle)
        depth = 4.0 * log2(2.0 * HARMONICS * STEP * steps)
        depth = depth if depth > -0.999 else -0.999
        level = np.int64(np.ceil(depth))
        fine = np.float32(level) - depth
        rich = reading(waves, load(starts, level), load(bits, level), turn, cycle, blend)
        plain = reading(waves, load(starts, level + 1), load(bits, level + 1), turn, cycle, blend)
        return plain + fine * (rich - plain)
