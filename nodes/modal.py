from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.physical.bank import SILENT, UPDATE, bank, hush, ring, strike, tune, weigh
from nodes.dsp.physical.modes import BODIES, body
from nodes.dsp.physical.percussion import fall, struck

HARDER = 1 / 450
"""Above 450 Hz the mallet gets harder with pitch, as players choose it: a fixed one would barely excite high notes."""


class Modal(Node, family="Physical models"):
    """Modal resonator: bars, bells, bowls, glasses, plates and membranes, struck or driven by audio.

    A bank of 24 modes at frequencies from theory or measurement (nodes/dsp/physical/modes.py), each with its mode
    shape: a strike at a node of a mode does not excite it, and a soft mallet leaves high modes silent. A waveguide
    models harmonic bodies only, and a sample holds one strike. Bilbao: "Numerical Sound Synthesis", 2009;
    Adrien: "The missing link: modal synthesis", 1991.
    """

    trigger = In(0, doc="A rise above 0.5 strikes.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike velocity: level and brightness.")
    freq = In(440, "Hz", 8, 20_000, curve="log", doc="First mode; for a bell the prime, an octave above the hum.")
    gate = In(1, doc="Above 0.5 the body rings, below it is damped.")
    audio = In(optional=True, doc="Signal that drives the modes.")
    decay = In(4, "s", 0.01, 60, curve="log", doc="Decay time (T60) at 220 Hz; 0.71 times as long per octave up.")
    release = In(2, "s", 0.01, 60, curve="log", doc="T60 after the gate closes, if shorter than the decay.")
    damping = In(0.25, "", 0, 4, doc="Extra damping of high modes: metal 0.05, wood 1.")
    position = In(0.25, "", 0, 1, ramp=0.05, doc="Strike position: from the center or an end to the edge or other end.")
    mallet = In(4_000, "Hz", 50, 20_000, curve="log", doc="Bandwidth of the mallet: lower is softer; rises above A4.")
    body = Option("bar", choices=tuple(BODIES), doc="Body that is struck.")
    out = Out(doc="Output, about -1 .. 1.")
    bank = State(ndim=3)
    ratios = State(ndim=1)
    shapes = State(ndim=2)
    known = State(ndim=2, doc="Control values of the current tuning.")
    force = State(initial=1, doc="Velocity of the last strike.")
    damper = State(initial=1, doc="Gain per frame that damps all modes while the gate is closed.")
    awake = State()
    last = State()
    clock = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        ratios, shapes = body(self.options["body"])
        known = np.zeros((3, setup.lanes))
        return {"bank": bank(setup, len(ratios)), "ratios": ratios, "shapes": shapes, "known": known}

    @kernel
    def process(block):
        bank, ratios = block.bank, block.ratios
        rate, known = block.sample_rate, block.known
        clock = block.clock[0]
        for frame in range(block.frames):
            looks = clock == 0
            clock = clock + 1 if clock < UPDATE - 1 else 0
            for lane in range(block.lanes):
                hit = struck(block.trigger[frame, lane], block.last[lane])
                block.last[lane] = block.trigger[frame, lane]
                wakes = (block.awake[lane] == 0.0) & (hit | (block.audio[frame, lane] != 0.0))
                if wakes:
                    block.awake[lane] = 1.0
                if block.awake[lane] == 0.0:
                    block.out[frame, lane] = 0.0
                    continue
                if hit | looks | wakes:
                    freq = clamp(block.freq[frame, lane], 8.0, 20_000.0)
                    loss = np.sqrt(freq * 0.0045454545) / clamp(block.decay[frame, lane], 0.01, 60.0)
                    damping = clamp(block.damping[frame, lane], 0.0, 4.0)
                    if (freq != known[0, lane]) | (loss != known[1, lane]) | (damping != known[2, lane]):
                        known[0, lane], known[1, lane], known[2, lane] = freq, loss, damping
                        tune(bank, ratios, 0, lane, bank.shape[1], freq, loss, damping, rate)
                    block.force[lane] = clamp(block.velocity[frame, lane], 0.0, 1.0) if hit else block.force[lane]
                    harder = max(freq * HARDER, np.float32(1.0))
                    bright = clamp(block.mallet[frame, lane], 50.0, 20_000.0) * (0.4 + 0.6 * block.force[lane]) * harder
                    position = clamp(block.position[frame, lane], 0.0, 1.0)
                    weigh(bank, ratios, block.shapes, lane, freq, position, bright, rate)
                    more = 1.0 / clamp(block.release[frame, lane], 0.01, 60.0) - loss
                    damped = (more > 0.0) & (block.gate[frame, lane] <= 0.5)
                    block.damper[lane] = fall(1.0 / more, rate) if damped else np.float32(1.0)
                if hit:
                    strike(bank, lane, block.force[lane])
                audio = clamp(block.audio[frame, lane], -8.0, 8.0)
                total, energy = ring(bank, lane, bank.shape[1], audio, block.damper[lane])
                block.out[frame, lane] = total
                if (energy < SILENT) & (audio == 0.0):
                    block.awake[lane] = 0.0
                    hush(bank, lane)
        block.clock[0] = clock
