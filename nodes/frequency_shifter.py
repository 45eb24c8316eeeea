from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.math.functions import clamp, wave
from nodes.dsp.math.hilbert import SECTIONS, coefficients
from nodes.dsp.math.phase import STEP, TURN, advance, signed

HALF = SECTIONS // 2


class FrequencyShifter(Node):
    """Frequency shifter: moves every partial by the same number of hertz; a few hertz make a slow phaser.

    Harmonic sounds become inharmonic because their partials are no longer integer multiples; `PitchShift` preserves
    the ratios. Single-sideband modulation after Bode and Moog (1972). The 90-degree phase shift comes from all-pass
    filters, with neither the latency nor the thousands of taps of a Hilbert filter that reaches down to 20 Hz.
    They delay low frequencies, 100 Hz by 5 ms and 1 kHz by 0.5 ms: use `mix`, whose dry signal has the same phase.
    """

    audio = In(doc="Input signal.")
    shift = In(50, "Hz", -5_000, 5_000, doc="Shift upward; negative values shift down.")
    feedback = In(0, "", -0.95, 0.95, doc="Feedback of the shifted signal; each pass shifts it again.")
    mix = In(1, "", 0, 1, ramp=0.01, doc="Wet/dry mix: 0 is dry, with the phase of the wet signal, 1 shifted.")
    out = Out(doc="Shifted signal.")
    mirror = Out(doc="Signal shifted by the same amount in the other direction.")
    held = State(ndim=3, doc="All-pass states by frame parity, row of a chain, and lane.")
    amount = State(ndim=2)
    real = State()
    imaginary = State()
    last = State()
    turn = State(dtype=np.uint32)
    frame_count = State(shape=1, dtype=np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {
            "held": np.zeros((2, SECTIONS + 2, setup.lanes), np.float32),
            "amount": coefficients(20 / setup.sample_rate),
        }

    @kernel
    def process(block):
        held, amount, real, imaginary, last = block.held, block.amount, block.real, block.imaginary, block.last
        turn, lanes = block.turn, block.lanes
        step = TURN / block.sample_rate
        count = block.frame_count[0]
        for frame in range(block.frames):
            now = np.uint64(count & 1)
            for lane in range(lanes):
                imaginary[lane] = held[np.uint64(1) - now, 0, lane]
                real[lane] = block.audio[frame, lane] + clamp(block.feedback[frame, lane], -0.95, 0.95) * last[lane]
            for k in range(HALF):
                for lane in range(lanes):
                    x = real[lane]
                    y = imaginary[lane]
                    real[lane] = amount[0, k] * (x + held[now, k + 1, lane]) - held[now, k, lane]
                    imaginary[lane] = amount[1, k] * (y + held[now, k + HALF + 2, lane]) - held[now, k + HALF + 1, lane]
                    held[now, k, lane] = x
                    held[now, k + HALF + 1, lane] = y
            for lane in range(lanes):
                held[now, HALF, lane] = real[lane]
                held[now, SECTIONS + 1, lane] = imaginary[lane]
                turns = STEP * signed(turn[lane])
                inphase = real[lane] * wave(0.25 - abs(turns))
                quadrature = imaginary[lane] * wave(turns)
                last[lane] = inphase - quadrature
                mix, dry = clamp(block.mix[frame, lane], 0.0, 1.0), real[lane]
                block.out[frame, lane] = dry + mix * (inphase - quadrature - dry)
                block.mirror[frame, lane] = dry + mix * (inphase + quadrature - dry)
                turn[lane] = advance(turn[lane], clamp(block.shift[frame, lane], -5_000.0, 5_000.0) * step)
            count += 1
        block.frame_count[0] = count
