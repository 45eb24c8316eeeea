from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp, log2
from nodes.dsp.math.phase import STEP, advance, increment
from nodes.dsp.oscillators.wavetables import HARMONICS, LEVELS, TABLES, built_in, from_file, reading, written


class Wavetable(Node):
    """Wavetable oscillator: morphs through single cycles with `position`, as in PPG, Waldorf and Serum.

    Each cycle is stored once per quarter octave with only the harmonics below half the sample rate
    (nodes/dsp/oscillators/wavetables.py), so it does not alias, and glides cross between tables without a step. A file
    is a WAV of concatenated cycles, as most wavetable synthesizers write them.
    """

    freq = In(220, "Hz", 0, 20_000, curve="log", doc="Pitch; limited to below half the sample rate.")
    position = In(0, "", 0, 1, doc="Position from the first cycle to the last; neighboring cycles are blended.")
    out = Out(doc="Wave, -1 .. 1.")
    table = Option(
        "basic", choices=TABLES, unless="file", doc="Built-in table; `basic` is sine, triangle, saw, square."
    )
    file = Option("", doc="WAV file of cycles, used instead of a built-in table.")
    size = Option(2048, min=16, max=65_536, doc="Samples per cycle in the file.")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle.")
    waves = State(ndim=1, constant=True)
    starts = State(shape=LEVELS, dtype=np.int64)
    bits = State(shape=LEVELS, dtype=np.int64)
    cycles = State(shape=1, dtype=np.int64)

    def verify(self) -> None:
        if self.file:
            from_file(self.file, self.size)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        spectra = from_file(self.file, self.size) if self.file else built_in(self.table)
        made = written(spectra)
        # One extra cycle, because the last one is blended with its successor too.
        waves = np.concatenate([made["table"], np.zeros(8192)])
        return {"waves": waves, "starts": made["starts"], "bits": made["bits"], "cycles": [len(spectra)]}

    @kernel
    def process(block):
        lanes, rate, out = block.lanes, block.sample_rate, block.out
        waves, starts, bits = block.waves, block.starts, block.bits
        last = block.cycles[0] - 1
        for frame in range(block.frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                turn = load(block.turn, lane)
                steps = increment(clamp(load(block.freq, i), 0.0, 20000.0), rate)
                place = clamp(load(block.position, i), 0.0, 1.0) * np.float32(last)
                cycle = min(np.int64(place), max(last - 1, 0))
                blend = place - np.float32(cycle)
                depth = 4.0 * log2(2.0 * HARMONICS * STEP * steps)
                depth = depth if depth > -0.999 else -0.999
                level = np.int64(np.ceil(depth))
                fine = np.float32(level) - depth
                rich = reading(waves, load(starts, level), load(bits, level), turn, cycle, blend)
                plain = reading(waves, load(starts, level + 1), load(bits, level + 1), turn, cycle, blend)
                store(out, i, plain + fine * (rich - plain))
                store(block.turn, lane, advance(turn, steps))
