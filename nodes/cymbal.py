"""Suspended cymbal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.drums.cymbal_modes import plate, sheen
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.bank import SILENT, UPDATE, bank, hush, ring, tune
from nodes.dsp.physical.percussion import burst, fall, settled, struck


class Cymbal(Node, family="Drums"):
    """Cymbal: crash, ride, splash or gong, set by lowest mode, decay and bloom.

    One hundred and sixty plate modes, evenly spaced in hertz, with the high modes decaying faster. In a real cymbal
    energy climbs from low to high modes over about 50 ms. Here the strike is a noise burst of that length, which
    swells the same way at no extra cost; a few filtered oscillators would sound like a chord. The louder the cymbal
    rings, the less energy it takes from the next strike, so rolls grow within bounds. Fletcher, Rossing: "The
    Physics of Musical Instruments", chapter 20.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike strength; also sets brightness.")
    choke = In(0, doc="Choke; a hand stops the cymbal when it rises above 0.5.")
    freq = In(240, "Hz", 30, 5_000, curve="log", doc="Lowest mode: 400 for a splash, 240 for a crash, 60 for a gong.")
    decay = In(5, "s", 0.05, 60, curve="log", doc="Decay time (T60) of the lowest mode.")
    damping = In(0.05, "", 0, 1, doc="Extra decay rate of the high modes.")
    bloom = In(0.06, "s", 0.002, 2, curve="log", doc="Length of the strike: 4 ms for a ride's tip, 0.5 s for a gong.")
    tone = In(4_500, "Hz", 200, 20_000, curve="log", doc="Frequency where the spectrum is strongest.")
    out = Out(doc="Within about -1 .. 1.")
    bank = State(ndim=3)
    ratios = State(ndim=1)
    known = State(ndim=2, doc="Control values to which the modes are tuned.")
    blow = State(doc="Level of the strike noise.")
    energy = State(doc="Total energy of all modes.")
    awake = State()
    held = State(doc="1 while a hand holds the cymbal.")
    random = State(dtype=np.uint32)
    last = State()
    last_choke = State()
    clock = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        ratios = plate(160, 72.0)
        known = np.zeros((3, setup.lanes))
        random = seeds(setup.name, 0, setup.lanes)
        return {"bank": bank(setup, len(ratios)), "ratios": ratios, "known": known, "random": random}

    @kernel
    def process(block):
        modes, known, rate = block.bank, block.known, block.sample_rate
        clock = block.clock[0]
        hand = fall(0.06, rate)
        for frame in range(block.frames):
            looks = clock == 0
            clock = clock + 1 if clock < UPDATE - 1 else 0
            for lane in range(block.lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                stops = struck(block.choke[frame, lane], block.last_choke[lane])
                block.last[lane] = block.trigger[frame, lane]
                block.last_choke[lane] = block.choke[frame, lane]
                block.held[lane] = 0.0 if hit else 1.0 if stops else block.held[lane]
                block.awake[lane] = 1.0 if hit else block.awake[lane]
                if block.awake[lane] == 0.0:
                    block.out[frame, lane] = 0.0
                    continue
                freq = clamp(block.freq[frame, lane], 30.0, 5_000.0)
                if hit | looks:
                    loss = 1.0 / clamp(block.decay[frame, lane], 0.05, 60.0)
                    damping = clamp(block.damping[frame, lane], 0.0, 1.0)
                    if (freq != known[0, lane]) | (loss != known[1, lane]) | (damping != known[2, lane]):
                        known[0, lane], known[1, lane], known[2, lane] = freq, loss, damping
                        tune(modes, block.ratios, 0, lane, modes.shape[1], freq, loss, damping, rate)
                bloom = clamp(block.bloom[frame, lane], 0.002, 2.0)
                if hit:
                    block.blow[lane] = clamp(block.velocity[frame, lane], 0.0, 1.0)
                    tone = clamp(block.tone[frame, lane], 200.0, 20_000.0) * (0.4 + 0.6 * block.blow[lane])
                    sheen(modes, block.ratios, lane, freq, tone, rate)
                block.random[lane] = shuffle(block.random[lane])
                # The burst spreads the energy of one strike over as many noise impulses as it is long.
                loud = np.sqrt(41.4 / (bloom * rate)) * clamp(1.0 - 2.0 * block.energy[lane], 0.0, 1.0)
                force = burst(block.random[lane], block.blow[lane] * loud)
                block.blow[lane] = settled(block.blow[lane] * fall(bloom, rate))
                radius = hand if block.held[lane] > 0.5 else np.float32(1.0)
                total, energy = ring(modes, lane, modes.shape[1], force, radius)
                block.energy[lane] = energy
                block.out[frame, lane] = total
                if (energy < SILENT) & (block.blow[lane] == 0.0):
                    block.awake[lane] = 0.0
                    hush(modes, lane)
        block.clock[0] = clock
