from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.physical.bank import SILENT, UPDATE, bank, hush, ring, strike, tune
from nodes.dsp.physical.percussion import fall, struck
from nodes.dsp.physical.tine import MODES, RATIOS, hammer, pickup


class ElectricPiano(Node, family="Physical models"):
    """Tine electric piano: bell-like when soft, growling when hard.

    A felt or rubber hammer strikes a tine coupled to a tone bar, and the tine swings past a magnetic pickup with an
    uneven field. The pickup, not the tine, makes the harmonics, more of them at larger swings. Two modes and the
    tine's inharmonic ping are therefore enough, where FM needs an envelope per harmonic and samples a layer per
    velocity. Gabrielli, Cantarini, Castellini, Squartini: "The Rhodes electric piano: analysis and simulation of
    the inharmonic overtones", JASA 2020; Muenster, Pfeifle: "Non-linear behaviour in sound production of the Rhodes
    piano", ISMA 2014.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(0.7, "", 0, 1, at_trigger=True, doc="Strike strength; sets the timbre more than the level.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch of the tine.")
    gate = In(1, doc="Gate; the tine rings while it is above 0.5, then felt damps it.")
    decay = In(9, "s", 0.05, 60, curve="log", doc="Decay time (T60) at 220 Hz; 0.71 of it per octave up.")
    release = In(0.25, "s", 0.01, 60, curve="log", doc="Decay time (T60) after the gate closes.")
    offset = In(0.35, "", 0, 1, doc="Pickup offset from the tine's rest: 0 is hollow and rich in octaves, 1 is round.")
    bark = In(0.5, "", 0, 1, doc="Pickup distance: higher is closer, with more growl in hard notes.")
    bell = In(0.4, "", 0, 1, doc="Level of the tine's inharmonic overtones, the ping.")
    out = Out(doc="Within about -1 .. 1.")
    bank = State(ndim=3)
    ratios = State(ndim=1)
    known = State(ndim=2, doc="Control values to which the tine is tuned.")
    damper = State(initial=1)
    mean = State(doc="Mean flux, which a coil cannot pass.")
    drift = State(doc="Rate of change of the mean.")
    awake = State()
    last = State()
    clock = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"bank": bank(setup, MODES), "ratios": RATIOS, "known": np.zeros((2, setup.lanes))}

    @kernel
    def process(block):
        modes, known, rate = block.bank, block.known, block.sample_rate
        part, most = 5.0 / rate, 377.0 / rate
        clock = block.clock[0]
        for frame in range(block.frames):
            looks = clock == 0
            clock = clock + 1 if clock < UPDATE - 1 else 0
            for lane in range(block.lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                block.last[lane] = block.trigger[frame, lane]
                block.awake[lane] = 1.0 if hit else block.awake[lane]
                if block.awake[lane] == 0.0:
                    block.out[frame, lane] = 0.0
                    continue
                freq = clamp(block.freq[frame, lane], 16.0, 20_000.0)
                if hit | looks:
                    loss = np.sqrt(freq * 0.0045454545) / clamp(block.decay[frame, lane], 0.05, 60.0)
                    if (freq != known[0, lane]) | (loss != known[1, lane]):
                        known[0, lane], known[1, lane] = freq, loss
                        tune(modes, block.ratios, 0, lane, modes.shape[1], freq, loss, 1.4, rate)
                    more = 1.0 / clamp(block.release[frame, lane], 0.01, 60.0) - loss
                    damped = (more > 0.0) & (block.gate[frame, lane] <= 0.5)
                    block.damper[lane] = fall(1.0 / more, rate) if damped else np.float32(1.0)
                if hit:
                    velocity = clamp(block.velocity[frame, lane], 0.0, 1.0)
                    hammer(modes, block.ratios, lane, freq, velocity, clamp(block.bell[frame, lane], 0.0, 1.0), rate)
                    strike(modes, lane, velocity)
                swing, energy = ring(modes, lane, modes.shape[1], np.float32(0.0), block.damper[lane])
                # Short tines swing less, so they growl less.
                near = clamp(block.bark[frame, lane], 0.0, 1.0) / (1.0 + freq * 0.0008)
                flux = pickup(swing, clamp(block.offset[frame, lane], 0.0, 1.0), near)
                # High-pass at 0.8 of the pitch, at most 60 Hz. A strike moves the mean at once and one pole would leave
                # a subsonic thump; two poles with this damping keep the fundamental within 0.5 dB.
                slow = min(part * freq, most)
                heard = flux - block.mean[lane] - 1.25 * block.drift[lane]
                block.drift[lane] += slow * heard
                block.mean[lane] += slow * block.drift[lane]
                block.out[frame, lane] = heard
                if energy < SILENT:
                    block.awake[lane] = 0.0
                    block.mean[lane], block.drift[lane] = 0.0, 0.0
                    hush(modes, lane)
        block.clock[0] = clock
