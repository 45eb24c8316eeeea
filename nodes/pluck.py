from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.delays.delay_line import line_length
from nodes.dsp.math.functions import clamp, exp2
from nodes.dsp.physical.percussion import one_pole, settled, struck
from nodes.dsp.physical.plucked import UPDATE, damp, damped, pushed
from nodes.dsp.physical.string import bounded, disperse, felt, reach, read, read_at, row, slew, stages_at, string

LOWEST = 16.0


class Pluck(Node, family="Physical models"):
    """Plucked string: guitar, harp, harpsichord or koto, depending on where and how it is plucked.

    A waveguide loop with exact tuning, loss and stiffness. The excitation is a smooth pulse, not the noise burst of
    Karplus and Strong (1983): its spectrum follows the width of the finger, without random notches, so notes sound
    alike. The pluck position is a comb filter at the output, which removes the partials that have a node there. A
    string plucked again keeps ringing under the new pluck.
    Karjalainen, Valimaki, Tolonen: "Plucked-string models", Computer Music Journal 22(3), 1998.
    """

    trigger = In(0, doc="A rise above 0.5 plucks.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Pluck velocity: level and brightness.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="First partial; limited to below a tenth of the sample rate.")
    gate = In(1, doc="Above 0.5 the string rings, below it is damped.")
    decay = In(4, "s", 0.02, 60, curve="log", doc="Decay time (T60) at 220 Hz; 0.71 times as long per octave up.")
    release = In(0.15, "s", 0.01, 60, curve="log", doc="T60 after the gate closes.")
    damping = In(6_000, "Hz", 200, 20_000, curve="log", doc="Losses rise above this frequency: nylon low, steel high.")
    position = In(0.13, "", 0.01, 0.5, doc="Pluck position: 0.5 the middle, 0.05 near the bridge.")
    brightness = In(0.6, "", 0, 1, doc="Excitation: 0 thumb, 1 plectrum.")
    stiffness = In(0.00008, "", 0, 0.005, doc="Inharmonicity B: partial n is at n sqrt(1 + B n^2).")
    out = Out(doc="Output, about -1 .. 1.")
    line = State(ndim=2)
    chain = State(ndim=2, doc="All-pass states.")
    known = State(ndim=2, doc="Control values of the current tuning; loop gain without the damper.")
    target = State(initial=4.0, doc="Target delay of the line.")
    delay = State(initial=4.0)
    gain = State()
    slope = State(doc="Gain change per frame until the next control update.")
    damper = State(ndim=2)
    pole = State()
    bend = State()
    back = State()
    low = State()
    pulse = State()
    finger = State(doc="The pulse after two filters.")
    narrow = State()
    mean = State(doc="Running mean of the pluck force.")
    ease = State(doc="One-pole coefficient of the mean.")
    last = State()
    write = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        length, lanes = line_length(setup.sample_rate / LOWEST), setup.lanes
        rows = {"line": length, "chain": 4, "known": 5, "damper": 2}
        return {name: np.zeros((count, lanes)) for name, count in rows.items()}

    @kernel
    def process(block):
        line, chain, rate, lanes = block.line, block.chain, block.sample_rate, block.lanes
        back, delay, bend, pole, low = block.back, block.delay, block.bend, block.pole, block.low
        known, target, gain, slope, damper = block.known, block.target, block.gain, block.slope, block.damper
        pulse, finger, narrow, mean, ease = block.pulse, block.finger, block.narrow, block.mean, block.ease
        stages = stages_at(rate)
        write = block.write[0]
        glide, part = one_pole(160.0, rate), one_pole(60.0, rate / UPDATE)
        for frame in range(block.frames):
            for lane in range(lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                block.last[lane] = block.trigger[frame, lane]
                if hit or write % UPDATE == 0:
                    freq = clamp(block.freq[frame, lane], LOWEST, reach(stages, rate))
                    seconds = block.decay[frame, lane] * np.sqrt(220.0 / freq)
                    corner = clamp(block.damping[frame, lane], 200.0, 20_000.0)
                    stiff = clamp(block.stiffness[frame, lane], 0.0, 0.005)
                    changed = (freq != known[0, lane]) | (seconds != known[1, lane])
                    if changed | (corner != known[2, lane]) | (stiff != known[3, lane]):
                        known[0, lane], known[1, lane], known[2, lane], known[3, lane] = freq, seconds, corner, stiff
                        target[lane], known[4, lane], pole[lane], bend[lane] = string(
                            freq, clamp(seconds, 0.01, 60.0), corner, stiff, stages, rate, True
                        )
                    rest = 1.0 if block.gate[frame, lane] > 0.5 else felt(freq, seconds, block.release[frame, lane])
                    # A silent string retunes at once; a sounding one glides within milliseconds.
                    silent, looks = back[lane] == 0.0, write % UPDATE == 0
                    delay[lane] = target[lane] if silent else delay[lane]
                    damp(damper, gain, slope, lane, known[4, lane], rest, silent, looks, part)
                    if hit:
                        velocity = clamp(block.velocity[frame, lane], 0.0, 1.0)
                        bright = clamp(block.brightness[frame, lane], 0.0, 1.0) * (0.4 + 0.6 * velocity)
                        ease[lane] = one_pole(0.03 * freq, rate)
                        narrow[lane] = one_pole(freq * exp2(1.0 + 4.0 * bright) + 1_500.0 * bright, rate)
                        pulse[lane] = velocity * 1.4 / (narrow[lane] + 1.5 * narrow[lane] * narrow[lane])
            for lane in range(lanes):
                now = slew(delay, target, lane, glide)
                store(back, lane, read_at(line, lane, write, now))
            for lane in range(lanes):
                wave = damped(gain, slope, lane, load(back, lane))
                # The bilinear one-pole in transposed form, for its exact phase.
                kept = wave + load(low, lane)
                store(low, lane, settled(wave - load(pole, lane) * kept))
                wave = disperse(chain, load(bend, lane), stages, lanes, lane, kept)
                wave = bounded(wave + pushed(pulse, finger, narrow, mean, ease, lane))
                store(line, row(line, lane, write), wave)
                store(block.out, frame * lanes + lane, wave)
            for lane in range(lanes):
                i = frame * lanes + lane
                period = rate / clamp(load(block.freq, i), LOWEST, rate)
                place = clamp(clamp(load(block.position, i), 0.01, 0.5) * period, 2.0, period)
                store(block.out, i, load(block.out, i) - read(line, lane, write, place))
            write = (write + 1) & (line.shape[0] - 1)
        block.write[0] = write
