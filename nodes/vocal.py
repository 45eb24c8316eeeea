from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import clamp, exp2, log2, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.percussion import burst, density, one_pole, settled
from nodes.dsp.singing.voice_tract import FORMANTS, mouth, opening, vowels

PORTS = 21


class Vocal(Node, family="Physical models"):
    """Singing voice: vowels with smooth morphing, from soft and breathy to full, and a vibrato that fades in.

    A source-filter model: glottal flow, whose open phase shortens as the voice gets louder, and five formants. A tube
    model (Kelly and Lochbaum, 1962) fixes the tract length in samples, so the voice would change with the sample rate;
    formants do not. Breath noise follows the glottal flow, as in a real voice. Fant: "Acoustic Theory of Speech
    Production", 1960; Klatt, Klatt, JASA 1990.
    """

    gate = In(0, doc="Sings while above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Vocal effort: loudness and brightness.")
    freq = In(220, "Hz", 20, 20_000, curve="log", doc="Pitch; limited to below a quarter of the sample rate.")
    vowel = In(0, "", 0, 4, doc="Vowel: 0 a, 1 e, 2 i, 3 o, 4 u; morphs in between.")
    tract = In(1, "", 0.5, 2, curve="log", doc="Formant scale relative to an alto: man 0.85, child 1.25.")
    breath = In(0.08, "", 0, 1, doc="Breath noise; 1 is a whisper.")
    vibrato = In(25, "cents", 0, 200, doc="Vibrato depth up and down.")
    rate = In(5.6, "Hz", 0.1, 12, doc="Vibrato rate.")
    attack = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant of the attack.")
    release = In(0.08, "s", 0.001, 5, curve="log", doc="Time constant of the release.")
    out = Out(doc="Output, about -1 .. 1.")
    table = State(ndim=2)
    charges = State(ndim=2)
    phase = State(dtype=np.uint32)
    sway = State(dtype=np.uint32)
    level = State()
    settles = State(doc="Fade-in of the vibrato, 0 .. 1.")
    random = State(dtype=np.uint32)
    source = State()
    pitch = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        lanes = setup.lanes
        return {"table": vowels(), "charges": np.zeros((10, lanes)), "random": seeds(setup.name, 0, lanes)}

    @kernel
    def process(block):
        rate, lanes, out = block.sample_rate, block.lanes, block.out
        slow = one_pole(0.5, rate)
        loud = 0.4 * density(rate)
        for frame in range(block.frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                sings = load(block.gate, i) > 0.5
                effort = clamp(load(block.velocity, i), 0.0, 1.0)
                attack, release = load(block.attack, i), load(block.release, i)
                time = clamp(attack if sings else release, 0.001, 5.0)
                aim = 0.15 + 0.85 * effort if sings else np.float32(0.0)
                level = load(block.level, lane)
                level = settled(level + one_pole(0.15915494 / time, rate) * (aim - level))
                store(block.level, lane, level)
                settles = load(block.settles, lane)
                settles = settled(settles + slow * ((1.0 if sings else 0.0) - settles))
                store(block.settles, lane, settles)
                sway = load(block.sway, lane)
                cents = clamp(load(block.vibrato, i), 0.0, 200.0) * settles * settles
                freq = clamp(load(block.freq, i), 20.0, 0.25 * rate)
                bent = freq * exp2(cents * wave(STEP * signed(sway)) * 0.00083333333)
                steps = increment(clamp(load(block.rate, i), 0.1, 12.0), rate)
                store(block.sway, lane, advance(sway, steps))
                phase = load(block.phase, lane)
                turns = STEP * signed(phase)
                flow = opening(turns if turns >= 0.0 else turns + 1.0, 0.8 - 0.35 * effort)
                store(block.phase, lane, advance(phase, increment(bent, rate)))
                air = clamp(load(block.breath, i), 0.0, 1.0)
                random = shuffle(load(block.random, lane))
                store(block.random, lane, random)
                hiss = burst(random, air * (0.3 + 0.7 * flow) * loud)
                # Level compensation: the lower the pitch, the further its strong partials lie below the formants.
                even = exp2(-1.1 * log2(max(bent, np.float32(60.0)) * 0.0033333333))
                store(block.source, lane, 1.65 * even * level * ((1.0 - 0.9 * air) * flow + hiss))
                store(block.pitch, lane, bent)
                store(out, i, 0.0)
            for formant in range(FORMANTS):
                for lane in range(lanes):
                    i, c = frame * lanes + lane, 2 * formant * lanes + lane
                    tract = clamp(load(block.tract, i), 0.5, 2.0)
                    vowel = clamp(load(block.vowel, i), 0.0, 4.0)
                    place, q, gain = mouth(block.table, formant, vowel, tract, load(block.pitch, lane))
                    one, two = load(block.charges, c), load(block.charges, c + lanes)
                    source = load(block.source, lane)
                    band, _, one, two = svf(source, place, q, one, two, rate)
                    store(block.charges, c, settled(one))
                    store(block.charges, c + lanes, settled(two))
                    heard = gain * band / q if place < 0.45 * rate else np.float32(0.0)
                    store(out, i, load(out, i) + heard)
