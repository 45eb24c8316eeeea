from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import store
from nodes.dsp.delay_line import line_length
from nodes.dsp.functions import clamp, cosine, exp2
from nodes.dsp.percussion import burst, density, fall, one_pole, settled, struck
from nodes.dsp.random import seeds, shuffle
from nodes.dsp.string import bounded, contact, inharmonicity, reach, read, round_trip, row, stages_at, string

UPDATE = 32
LOWEST = 16.0


class Piano(Node, family="Physical models"):
    """Piano: a felt hammer, two strings a note, and the thud of the case.

    Stiff waveguides, whose inharmonicity follows the keyboard as measured; felt that hardens under a
    faster blow and so stays on the string for less time; a second string a little out of tune and
    slower to decay, which gives the double decay that Weinreich found ("Coupled piano strings", JASA
    1977). The highest notes have no dampers. Samples sound truer note by note, but not between
    them: here every velocity, pitch and repetition of a ringing key is its own. Bank, Valimaki:
    "Robust loss filter design for digital waveguide synthesis of string tones", IEEE SPL 2003.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(0.7, "", 0, 1, struck=True, doc="Speed of the hammer; it sets the timbre as well.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="First partial; held below a tenth of the sample rate.")
    gate = In(1, doc="While it is above 0.5 the strings ring; then felt damps them, below 1.4 kHz.")
    decay = In(12, "s", 0.1, 60, curve="log", ramp=0.1, doc="Time to fall by 60 dB at 220 Hz; 0.71 of it an octave up.")
    release = In(0.3, "s", 0.01, 60, curve="log", doc="The same once the gate is down.")
    hardness = In(0.5, "", 0, 1, doc="Of the felt: 0 worn soft, 1 lacquered.")
    detune = In(0.8, "cents", 0, 50, doc="Between the two strings.")
    stiffness = In(1, "", 0, 4, doc="Inharmonicity against a grand's; 0 is none.")
    damping = In(5_000, "Hz", 200, 20_000, curve="log", ramp=0.05, doc="Losses of the strings rise above it.")
    knock = In(0.3, "", 0, 1, doc="Level of the case's thud.")
    out = Out(doc="Within about -1 .. 1.")
    line1 = State(ndim=2)
    line2 = State(ndim=2)
    chain = State(ndim=2, doc="What the all-passes hold.")
    known = State(ndim=2, doc="Controls for which the strings are tuned.")
    tuning = State(ndim=2, doc="Target and delay, gain, pole and bend of each string.")
    low = State(ndim=2)
    phase = State(initial=1, doc="Of the hammer's contact; 1 is off the string.")
    step = State()
    blow = State()
    thud = State()
    case = State()
    random = State(dtype=np.uint32)
    last = State()
    write = State((1,), np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        lanes = setup.lanes
        line = np.zeros((line_length(setup.sample_rate / LOWEST), lanes), np.float32)
        small = {"chain": 2 * stages_at(setup.sample_rate), "known": 5, "tuning": 10, "low": 2}
        states = {name: np.zeros((rows, lanes)) for name, rows in small.items()}
        return {**states, "line1": line, "line2": line, "random": seeds(setup.name, 0, lanes)}

    @kernel
    def process(block):
        line1, line2, known, tuning, rate = block.line1, block.line2, block.known, block.tuning, block.sample_rate
        stages = block.chain.shape[0] // 2
        write = block.write[0]
        glide, felt, dark = one_pole(160.0, rate), fall(0.12, rate), one_pole(220.0, rate)
        for frame in range(block.frames):
            for lane in range(block.lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                block.last[lane] = block.trigger[frame, lane]
                freq = clamp(block.freq[frame, lane], LOWEST, reach(stages, rate))
                if hit or write % UPDATE == 0:
                    seconds = clamp(block.decay[frame, lane], 0.1, 60.0) * np.sqrt(220.0 / freq)
                    damped = (block.gate[frame, lane] <= 0.5) & (freq < 1_400.0)
                    seconds = min(seconds, clamp(block.release[frame, lane], 0.01, 60.0)) if damped else seconds
                    apart = exp2(clamp(block.detune[frame, lane], 0.0, 50.0) * 0.00041666667)
                    corner = clamp(block.damping[frame, lane], 200.0, 20_000.0)
                    stiff = inharmonicity(freq) * clamp(block.stiffness[frame, lane], 0.0, 4.0)
                    changed = (freq != known[0, lane]) | (seconds != known[1, lane]) | (apart != known[2, lane])
                    if changed | (corner != known[3, lane]) | (stiff != known[4, lane]):
                        known[0, lane], known[1, lane], known[2, lane] = freq, seconds, apart
                        known[3, lane], known[4, lane] = corner, stiff
                        for k in range(2):
                            pitch = freq * apart if k == 0 else freq / apart
                            slow = seconds if (k == 0) | damped else 2.5 * seconds
                            (
                                tuning[5 * k, lane],
                                tuning[5 * k + 2, lane],
                                tuning[5 * k + 3, lane],
                                tuning[5 * k + 4, lane],
                            ) = string(pitch, min(slow, np.float32(60.0)), corner, stiff, stages, rate)
                    if block.low[0, lane] == 0.0:
                        tuning[1, lane], tuning[6, lane] = tuning[0, lane], tuning[5, lane]
                if hit:
                    block.blow[lane] = clamp(block.velocity[frame, lane], 0.0, 1.0)
                    seconds = contact(freq, block.blow[lane], clamp(block.hardness[frame, lane], 0.0, 1.0))
                    block.step[lane], block.phase[lane] = 1.0 / (seconds * rate), 0.0
                    block.thud[lane] = block.blow[lane] * clamp(block.knock[frame, lane], 0.0, 1.0)
                block.phase[lane] = min(block.phase[lane] + block.step[lane], np.float32(1.0))
                push = 0.35 * block.blow[lane] * (1.0 - cosine(block.phase[lane])) if block.phase[lane] < 1.0 else 0.0
                place = clamp(0.125 * rate / freq, 2.0, rate / LOWEST)
                tuning[1, lane] += glide * (tuning[0, lane] - tuning[1, lane])
                tuning[6, lane] += glide * (tuning[5, lane] - tuning[6, lane])
                one = round_trip(block.chain, block.low, tuning, 0, lane, read(line1, lane, write, tuning[1, lane]))
                two = round_trip(block.chain, block.low, tuning, 1, lane, read(line2, lane, write, tuning[6, lane]))
                one, two = bounded(one + push), bounded(two + 0.4 * push)
                store(line1, row(line1, lane, write), one, 0, 2)
                store(line2, row(line2, lane, write), two, 0, 2)
                block.random[lane] = shuffle(block.random[lane])
                noise = burst(block.random[lane], block.thud[lane] * density(rate))
                block.case[lane] = settled(block.case[lane] + dark * (noise - block.case[lane]))
                block.thud[lane] = settled(block.thud[lane] * felt)
                strings = one + two - read(line1, lane, write, place) - read(line2, lane, write, place)
                block.out[frame, lane] = strings + block.case[lane]
            write = (write + 1) & (line1.shape[0] - 1)
        block.write[0] = write
