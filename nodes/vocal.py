from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.functions import clamp, exp2, log2, sine
from nodes.dsp.percussion import burst, density, one_pole, settled
from nodes.dsp.phase import advance, increment
from nodes.dsp.random import seeds, shuffle
from nodes.dsp.voice_tract import mouth, opening, vowels


class Vocal(Node, family="Physical models"):
    """Singing voice: vowels that glide into each other, soft and breathy or full, with a vibrato that comes in.

    A source and a filter: the flow through the glottis, whose open part shortens as the voice gets
    louder, and five formants of the mouth. A tube model of the tract (Kelly and Lochbaum, 1962) fixes
    its length in samples, so it would be another singer at another sample rate; formants stay where
    they are. Breath comes with the flow, as it does in a throat. Fant: "Acoustic Theory of Speech
    Production", 1960; Klatt, Klatt, JASA 1990.
    """

    gate = In(0, doc="It sings while this is above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Effort: loudness and brightness.")
    freq = In(220, "Hz", 20, 20_000, curve="log", doc="Pitch; held below a quarter of the sample rate.")
    vowel = In(0, "", 0, 4, doc="0 a, 1 e, 2 i, 3 o, 4 u, and what lies between.")
    tract = In(1, "", 0.5, 2, curve="log", doc="Formants against an alto's: 0.85 a man, 1.25 a child.")
    breath = In(0.08, "", 0, 1, doc="Air in the voice; 1 whispers.")
    vibrato = In(25, "cents", 0, 200, doc="How far the pitch sways to either side.")
    rate = In(5.6, "Hz", 0.1, 12, doc="Of the vibrato.")
    attack = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant with which it begins.")
    release = In(0.08, "s", 0.001, 5, curve="log", doc="Time constant with which it ends.")
    out = Out(doc="Within about -1 .. 1.")
    table = State(ndim=2)
    charges = State(ndim=2)
    phase = State(dtype=np.uint32)
    sway = State(dtype=np.uint32)
    level = State()
    settles = State(doc="How far the vibrato has come in.")
    random = State(dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        lanes = setup.lanes
        return {"table": vowels(), "charges": np.zeros((10, lanes)), "random": seeds(setup.name, 0, lanes)}

    @kernel
    def process(block):
        rate = block.sample_rate
        slow = one_pole(0.5, rate)
        for frame in range(block.frames):
            for lane in range(block.lanes):
                sings = block.gate[frame, lane] > 0.5
                effort = clamp(block.velocity[frame, lane], 0.0, 1.0)
                time = block.attack[frame, lane] if sings else block.release[frame, lane]
                aim = 0.15 + 0.85 * effort if sings else 0.0
                speed = one_pole(0.15915494 / clamp(time, 0.001, 5.0), rate)
                block.level[lane] = settled(block.level[lane] + speed * (aim - block.level[lane]))
                fades = 1.0 - block.settles[lane] if sings else -block.settles[lane]
                block.settles[lane] = settled(block.settles[lane] + slow * fades)
                turns = np.float32(block.sway[lane]) * 2.3283064365386963e-10
                cents = clamp(block.vibrato[frame, lane], 0.0, 200.0) * block.settles[lane] * block.settles[lane]
                bent = clamp(block.freq[frame, lane], 20.0, 0.25 * rate) * exp2(cents * sine(turns) * 0.00083333333)
                block.sway[lane] = advance(block.sway[lane], increment(clamp(block.rate[frame, lane], 0.1, 12.0), rate))
                turns = np.float32(block.phase[lane]) * 2.3283064365386963e-10
                flow = opening(turns, 0.8 - 0.35 * effort)
                block.phase[lane] = advance(block.phase[lane], increment(bent, rate))
                air = clamp(block.breath[frame, lane], 0.0, 1.0)
                block.random[lane] = shuffle(block.random[lane])
                hiss = burst(block.random[lane], air * (0.3 + 0.7 * flow) * 0.4 * density(rate))
                # The lower the voice, the further below the formants its strong partials lie.
                even = exp2(-0.6 * log2(bent * 0.0033333333))
                source = even * block.level[lane] * ((1.0 - 0.9 * air) * flow + hiss)
                tract = clamp(block.tract[frame, lane], 0.5, 2.0)
                vowel = clamp(block.vowel[frame, lane], 0.0, 4.0)
                block.out[frame, lane] = 2.6 * mouth(block.table, block.charges, lane, source, vowel, tract, bent, rate)
