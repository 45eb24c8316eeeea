from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import line_length, smooth
from nodes.dsp.math.functions import clamp, cosine, exp2
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.percussion import burst, density, fall, one_pole, settled, struck
from nodes.dsp.physical.string import contact, inharmonicity, reach, stages_at
from nodes.dsp.physical.unison import ROWS, at_once, begin, damp, tuned, vibrate

UPDATE = 32
LOWEST = 16.0


class Piano(Node, family="Physical models"):
    """Piano: a felt hammer, two strings per note, and the knock of the case.

    Stiff waveguides whose inharmonicity follows measurements across the keyboard. The felt hardens with velocity,
    which shortens its contact with the string. A second string, slightly detuned and slower to decay, gives the
    two-stage decay that Weinreich found ("Coupled piano strings", JASA 1977). The highest notes have no dampers.
    Samples match a real piano more closely note by note; the model varies continuously with velocity, pitch and
    repeats on a ringing string. Bank, Valimaki: "Robust loss filter design for digital waveguide synthesis of
    string tones", IEEE SPL 2003.
    """

    trigger = In(0, doc="A rise above 0.5 strikes.")
    velocity = In(0.7, "", 0, 1, at_trigger=True, doc="Hammer velocity: level and timbre.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="First partial; limited to below a tenth of the sample rate.")
    gate = In(1, doc="Above 0.5 the strings ring; below, dampers stop notes under 1.4 kHz.")
    decay = In(12, "s", 0.1, 60, curve="log", ramp=0.1, doc="T60 at 220 Hz; 0.71 times as long per octave up.")
    release = In(0.3, "s", 0.01, 60, curve="log", doc="T60 after the gate closes.")
    hardness = In(0.5, "", 0, 1, doc="Felt hardness: 0 soft, 1 lacquered.")
    detune = In(0.8, "cents", 0, 50, doc="Detuning between the two strings.")
    stiffness = In(1, "", 0, 4, doc="Inharmonicity relative to a grand piano; 0 is none.")
    damping = In(5_000, "Hz", 200, 20_000, curve="log", ramp=0.05, doc="Frequency above which string losses rise.")
    knock = In(0.3, "", 0, 1, doc="Level of the case knock.")
    out = Out(doc="Output, about -1 .. 1.")
    line1 = State(ndim=3, doc="Delay lines of two string pairs: one plays, one fades after a voice is stolen.")
    line2 = State(ndim=3)
    chain = State(ndim=3, doc="All-pass states.")
    known = State(ndim=3, doc="Control values of the current tuning.")
    tuning = State(ndim=3, doc="Rows as in nodes/dsp/physical/unison.py.")
    low = State(ndim=3)
    side = State(dtype=np.uint32, doc="Index of the pair that plays.")
    fading = State(doc="Remaining level of the other pair.")
    phase = State(initial=1, doc="Phase of the hammer's contact; 1 is off the string.")
    step = State()
    blow = State()
    mean = State(doc="Running mean of the hammer force.")
    ease = State(doc="One-pole coefficient of the mean.")
    thud = State()
    case = State()
    random = State(dtype=np.uint32)
    last = State()
    write = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        lanes = setup.lanes
        line = np.zeros((2, line_length(setup.sample_rate / LOWEST), lanes), np.float32)
        small = {"chain": 2 * stages_at(setup.sample_rate), "known": 5, "tuning": ROWS, "low": 2}
        states = {name: np.zeros((2, rows, lanes)) for name, rows in small.items()}
        return {**states, "line1": line, "line2": line, "random": seeds(setup.name, 0, lanes)}

    @kernel
    def process(block):
        line1, line2, chain, low = block.line1, block.line2, block.chain, block.low
        known, tuning, length, rate = block.known, block.tuning, block.line1.shape[1], block.sample_rate
        stages = chain.shape[1] // 2
        write = block.write[0]
        glide, soft, thump, dark = one_pole(160.0, rate), one_pole(60.0, rate), fall(0.12, rate), one_pole(220.0, rate)
        for frame in range(block.frames):
            for lane in range(block.lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                block.last[lane] = block.trigger[frame, lane]
                if hit or write % UPDATE == 0:
                    freq = clamp(block.freq[frame, lane], LOWEST, reach(stages, rate))
                    at = block.side[lane]
                    if hit and low[at, 0, lane] != 0.0 and abs(freq - known[at, 0, lane]) > 0.03 * freq:
                        at = np.uint32(1) - at
                        block.side[lane], block.fading[lane] = at, 1.0
                        begin(line1[at], line2[at], chain[at], low[at], known[at], lane, write, rate / freq)
                    seconds = clamp(block.decay[frame, lane], 0.1, 60.0) * np.sqrt(220.0 / freq)
                    apart = exp2(clamp(block.detune[frame, lane], 0.0, 50.0) * 0.00041666667)
                    corner = clamp(block.damping[frame, lane], 200.0, 20_000.0)
                    stiff = inharmonicity(freq) * clamp(block.stiffness[frame, lane], 0.0, 4.0)
                    tuned(known[at], tuning[at], lane, freq, seconds, apart, corner, stiff, stages, length, rate)
                    damped = (block.gate[frame, lane] <= 0.5) & (freq < 1_400.0)
                    damp(tuning[at], lane, freq, seconds, block.release[frame, lane] if damped else 60.0, length)
                    if low[at, 0, lane] == 0.0:
                        at_once(tuning[at], lane)
                    if hit:
                        block.blow[lane] = clamp(block.velocity[frame, lane], 0.0, 1.0)
                        seconds = contact(freq, block.blow[lane], clamp(block.hardness[frame, lane], 0.0, 1.0))
                        block.step[lane], block.phase[lane] = 1.0 / (seconds * rate), 0.0
                        block.ease[lane] = one_pole(0.03 * freq, rate)
                        block.thud[lane] = block.blow[lane] * clamp(block.knock[frame, lane], 0.0, 1.0)
                block.phase[lane] = min(block.phase[lane] + block.step[lane], np.float32(1.0))
                push = 0.35 * block.blow[lane] * (1.0 - cosine(block.phase[lane])) if block.phase[lane] < 1.0 else 0.0
                # Remove the mean, which would build up in the string loops.
                block.mean[lane] = settled(block.mean[lane] + block.ease[lane] * (push - block.mean[lane]))
                push -= block.mean[lane]
                at, fading, old, still = block.side[lane], block.fading[lane], np.float32(0.0), np.float32(0.0)
                if fading > 0.0:
                    by = np.uint32(1) - at
                    old = vibrate(line1[by], line2[by], chain[by], low[by], tuning[by], lane, write, still, glide, soft)
                    old *= smooth(fading)
                    block.fading[lane] = max(fading - 200.0 / rate, np.float32(0.0))
                pair = vibrate(line1[at], line2[at], chain[at], low[at], tuning[at], lane, write, push, glide, soft)
                block.random[lane] = shuffle(block.random[lane])
                noise = burst(block.random[lane], block.thud[lane] * density(rate))
                block.case[lane] = settled(block.case[lane] + dark * (noise - block.case[lane]))
                block.thud[lane] = settled(block.thud[lane] * thump)
                block.out[frame, lane] = pair + old + block.case[lane]
            write = (write + 1) & (length - 1)
        block.write[0] = write
