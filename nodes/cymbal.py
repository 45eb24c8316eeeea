"""The cymbal on a stand."""

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
    """Cymbal: crash, ride, splash or gong, by its size, its decay and how fast it blooms.

    A hundred and sixty modes, as a plate has them: as many in every hertz, the high ones decaying
    faster. In a real cymbal energy climbs from low modes to high ones for some 50 ms; here the blow
    itself is a burst of noise of that length, which costs nothing and swells the same way, where a
    few oscillators through filters stay a chord. What rings loudly takes less from the next blow, so
    a roll grows within bounds. Fletcher, Rossing: "The Physics of Musical Instruments", chapter 20.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also how bright.")
    choke = In(0, doc="Where it rises above 0.5 a hand stops the cymbal.")
    freq = In(240, "Hz", 30, 5_000, curve="log", doc="Lowest mode: 400 a splash, 240 a crash, 60 a gong.")
    decay = In(5, "s", 0.05, 60, curve="log", doc="Time of the lowest mode to fall by 60 dB.")
    damping = In(0.05, "", 0, 1, doc="How much faster high modes decay.")
    bloom = In(0.06, "s", 0.002, 2, curve="log", doc="Time in which the blow is over: 4 ms a ride's tip, 0.5 s a gong.")
    tone = In(4_500, "Hz", 200, 20_000, curve="log", doc="Where the spectrum is strongest.")
    out = Out(doc="Within about -1 .. 1.")
    bank = State(ndim=3)
    ratios = State(ndim=1)
    known = State(ndim=2, doc="Controls for which the modes are tuned.")
    blow = State(doc="Level of the blow's noise.")
    energy = State(doc="Of all modes together.")
    awake = State()
    held = State(doc="1 while a hand is on it.")
    random = State(dtype=np.uint32)
    last = State()
    last_choke = State()
    clock = State((1,), np.int64)

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
                # As many impulses of the noise as the burst is long: all of them together are one blow.
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
