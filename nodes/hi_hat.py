"""Hi-hat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.drums.cymbal_modes import plate, sheen
from nodes.dsp.math.functions import clamp, exp2, log2
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.bank import SILENT, UPDATE, bank, hush, ring, tune
from nodes.dsp.physical.percussion import burst, fall, settled, struck


class HiHat(Node, family="Drums"):
    """Hi-hat: closed, open or anything between, by pedal position.

    Ninety-six plate modes driven by stick noise. Six square waves through a band-pass, as in the TR-808, give a few
    hundred fixed lines that never vary; here every hit differs. The pedal damps cymbals that already ring: `open`
    may move at any time, and a closed hit ends an open one. `choke` does the same for kits with one drum per
    articulation. The louder the hi-hat rings, the less energy it takes from the next hit, so rolls swell within
    bounds.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike strength.")
    open = In(0, "", 0, 1, doc="Pedal position: 0 closed, 1 open.")
    choke = In(0, doc="Choke; closes the hi-hat when it rises above 0.5.")
    freq = In(420, "Hz", 50, 5_000, curve="log", doc="Lowest mode; shifts all others with it.")
    decay = In(0.14, "s", 0.01, 10, curve="log", doc="Decay time (T60) when closed.")
    open_decay = In(1.6, "s", 0.01, 20, curve="log", doc="Decay time (T60) when open.")
    tone = In(7_500, "Hz", 500, 20_000, curve="log", doc="Frequency where the spectrum is strongest.")
    out = Out(doc="Within about -1 .. 1.")
    bank = State(ndim=3)
    ratios = State(ndim=1)
    tuned = State(doc="`freq` to which the modes are tuned.")
    toned = State()
    stick = State(doc="Level of the stick noise.")
    energy = State(doc="Total energy of all modes.")
    awake = State()
    shut = State()
    random = State(dtype=np.uint32)
    last = State()
    last_choke = State()
    clock = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        ratios = plate(96, 40.0)
        return {"bank": bank(setup, len(ratios)), "ratios": ratios, "random": seeds(setup.name, 0, setup.lanes)}

    @kernel
    def process(block):
        bank = block.bank
        rate = block.sample_rate
        clock = block.clock[0]
        fades = fall(0.008, rate)
        loud = np.sqrt(5_000.0 / rate)
        for frame in range(block.frames):
            looks = clock == 0
            clock = clock + 1 if clock < UPDATE - 1 else 0
            for lane in range(block.lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                closes = struck(block.choke[frame, lane], block.last_choke[lane])
                block.last[lane] = block.trigger[frame, lane]
                block.last_choke[lane] = block.choke[frame, lane]
                block.shut[lane] = 0.0 if hit else 1.0 if closes else block.shut[lane]
                if hit:
                    block.awake[lane] = 1.0
                    block.stick[lane] = clamp(block.velocity[frame, lane], 0.0, 1.0)
                if block.awake[lane] == 0.0:
                    block.out[frame, lane] = 0.0
                    continue
                if hit or looks:
                    freq = clamp(block.freq[frame, lane], 50.0, 5_000.0)
                    tone = clamp(block.tone[frame, lane], 500.0, 20_000.0)
                    if freq != block.tuned[lane] or tone != block.toned[lane]:
                        tune(bank, block.ratios, 0, lane, bank.shape[1], freq, 0.0, 0.0, rate)
                        sheen(bank, block.ratios, lane, freq, tone, rate)
                        block.tuned[lane] = freq
                        block.toned[lane] = tone
                short = clamp(block.decay[frame, lane], 0.01, 10.0)
                long = clamp(block.open_decay[frame, lane], 0.01, 20.0)
                seconds = short * exp2(clamp(block.open[frame, lane], 0.0, 1.0) * log2(long / short))
                seconds = min(seconds, np.float32(0.04)) if block.shut[lane] > 0.5 else seconds
                block.random[lane] = shuffle(block.random[lane])
                force = burst(
                    block.random[lane], block.stick[lane] * loud * clamp(1.0 - 2.0 * block.energy[lane], 0.0, 1.0)
                )
                block.stick[lane] = settled(block.stick[lane] * fades)
                total, energy = ring(bank, lane, bank.shape[1], force, fall(seconds, rate))
                block.energy[lane] = energy
                block.out[frame, lane] = total
                if energy < SILENT and block.stick[lane] == 0.0:
                    block.awake[lane] = 0.0
                    hush(bank, lane)
        block.clock[0] = clock
