from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, inline, kernel
from nodes.dsp.delays.delay_line import slide_to
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, put
from nodes.dsp.math.functions import clamp, cosine, prewarp, sine

LOWEST = 20.0


@inline
def phase_delay(keep, cycles):
    """Delay in frames of the one-pole low-pass y += (1 - keep) (x - y) at a frequency in cycles per frame."""
    x = keep * sine(cycles) / (1.0 - keep * cosine(cycles))
    z = x if x < 1.0 else 1.0 / x
    y = z * z
    z = z * (0.999866 + y * (-0.3302995 + y * (0.180141 + y * (-0.085133 + 0.0208351 * y))))
    return (z if x < 1.0 else 1.5707964 - z) * 0.15915494 / cycles


class Comb(Node, family="Filters"):
    """Comb filter: resonates at a pitch and its harmonics, or notches them.

    A delay of one period with feedback. Negative feedback resonates an octave lower with odd harmonics only, like a
    clarinet. A low-pass in the loop makes it a plucked string; its phase delay is subtracted from the period, so
    the pitch stays in tune. When `freq` steps, the period slides, which bends the pitch without a click.
    """

    audio = In(doc="Signal to filter.")
    freq = In(
        220, "Hz", 20, 10_000, curve="log", ramp=0.02, doc="Tooth spacing; held below a quarter of the sample rate."
    )
    feedback = In(0.8, "", -0.999, 0.999, ramp=0.02, doc="Ring time; below 0, odd harmonics only.")
    damping = In(8_000, "Hz", 100, 20_000, curve="log", doc="Cutoff of the low-pass in the loop; 20 kHz is fully open.")
    forward = Option(False, doc="Feed-forward comb: notches instead of resonances.")
    out = Out(doc="Filtered signal, at unity gain on the teeth.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64)
    period = State()
    low = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"line": new_line(setup.lanes, setup.sample_rate / LOWEST)}

    @kernel
    def process(block):
        line, rate = block.line, block.sample_rate
        end = longest(line)
        write = block.write[0]
        for frame in range(block.frames):
            for lane in range(block.lanes):
                freq = clamp(block.freq[frame, lane], LOWEST, 10_000.0)
                damp = clamp(block.damping[frame, lane], 100.0, 20_000.0)
                feedback = clamp(block.feedback[frame, lane], -0.999, 0.999)
                n, d = prewarp(damp, rate)
                keep = (d - n) / (d + n) if damp < 20_000.0 else np.float32(0.0)
                keep = keep if keep > 0.0 else np.float32(0.0)
                late = np.float32(0.0) if block.forward else phase_delay(keep, freq / rate)
                target = clamp(rate / freq - late, NEAREST, end)
                block.period[lane] = slide_to(target, block.period[lane])
                echo = listen(line, lane, write, block.period[lane])
                audio = block.audio[frame, lane]
                low = echo + keep * (block.low[lane] - echo)
                block.low[lane] = low
                if block.forward:
                    put(line, lane, write, audio)
                    block.out[frame, lane] = (audio + feedback * low) / (1.0 + abs(feedback))
                else:
                    made = (1.0 - abs(feedback)) * audio + feedback * low
                    put(line, lane, write, made)
                    block.out[frame, lane] = made
            write += 1
        block.write[0] = write
