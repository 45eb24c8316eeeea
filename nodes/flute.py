from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.delays.delay_line import line_length
from nodes.dsp.math.functions import clamp, tanh
from nodes.dsp.math.random import seeds
from nodes.dsp.physical.intonation import listen
from nodes.dsp.physical.percussion import burst, density, one_pole, settled
from nodes.dsp.physical.pipe import averaged, breathed, drawn_anew, effort, reflected, retune
from nodes.dsp.physical.string import bounded, read, row, slew

UPDATE = 32
LOWEST = 16.0


class Flute(Node, family="Physical models"):
    """Flute: a pure tone surrounded by air, breathy when soft, brighter and firmer when blown hard.

    A pipe open at both ends is driven by an air jet. The sound in the pipe deflects the jet across an edge, into
    the pipe and out of it: a saturating gain, delayed by the jet's travel time across the mouth. The pipe colors
    the breath noise and the noise stops with the tone, unlike noise mixed with a sine. Cook: "A
    meta-wind-instrument physical model", ICMC 1992; Verge, Hirschberg, Causse, JASA 1997.
    """

    gate = In(0, doc="Gate; the flute is blown while it is above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Breath strength.")
    freq = In(
        440, "Hz", 16, 20_000, curve="log", doc="Pitch; held below 1/12 of the sample rate; low notes speak slowly."
    )
    pressure = In(0, "", 0, 1, doc="Extra breath, from an envelope or aftertouch, or from an LFO for vibrato.")
    attack = In(0.03, "s", 0.001, 5, curve="log", doc="Time constant of the breath's rise.")
    release = In(0.05, "s", 0.001, 5, curve="log", doc="Time constant of the breath's fall.")
    brightness = In(4_000, "Hz", 200, 20_000, curve="log", doc="Frequency above which the pipe loses sound.")
    noise = In(0.2, "", 0, 1, doc="Breath noise.")
    jet = In(0.5, "", 0.4, 0.6, doc="Travel time of the jet across the mouth, in periods: the player's embouchure.")
    out = Out(doc="Within about -1 .. 1.")
    line = State(ndim=2)
    known = State(ndim=2, doc="Control values to which the pipe is tuned.")
    target = State(initial=16, doc="Delay of the line.")
    delay = State(initial=16)
    gain = State()
    pole = State()
    wave = State(doc="Returning wave before its losses.")
    bent = State(doc="Pressure that deflects the jet.")
    low = State()
    soft = State(doc="Low-passed jet output.")
    breath = State()
    mean = State(doc="Steady pressure, which is inaudible.")
    tone = State(doc="Previous input sample of the pitch detector.")
    pull = State(doc="Pitch correction of the delay.")
    phase = State(dtype=np.uint32)
    mark = State(dtype=np.uint32)
    random = State(dtype=np.uint32)
    write = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        line = np.zeros((line_length(2.2 * setup.sample_rate / LOWEST), setup.lanes), np.float32)
        return {"line": line, "known": np.zeros((2, setup.lanes)), "random": seeds(setup.name, 0, setup.lanes)}

    @kernel
    def process(block):
        line, known, rate = block.line, block.known, block.sample_rate
        target, delay, gain, pole, breath = block.target, block.delay, block.gain, block.pole, block.breath
        pull, write, lanes = block.pull, block.write[0], block.lanes
        glide, steady, slow, loud = one_pole(160.0, rate), one_pole(15.0, rate), np.float32(0.4) / rate, density(rate)
        for frame in range(block.frames):
            if write % UPDATE == 0:
                for lane in range(lanes):
                    freq = clamp(block.freq[frame, lane], LOWEST, 0.083333 * rate)
                    corner = clamp(block.brightness[frame, lane], 200.0, 20_000.0)
                    retune(known, target, gain, pole, lane, freq, corner, rate)
                    delay[lane] = target[lane] if breath[lane] == 0.0 else delay[lane]
            for lane in range(lanes):
                now, aim = slew(delay, target, lane, glide), load(target, lane)
                # A late jet shifts the resonance by half its delay, so the bore is shortened to match. The jet needs
                # half a period minus 0.0936 for its low-pass; 0.007 compensates for the shortening by the saturation.
                late = clamp(load(block.jet, frame * lanes + lane), 0.4, 0.6) - 0.5
                more = load(pull, lane)
                bore = now * (1.007 + more - 0.5 * late)
                store(block.wave, lane, read(line, lane, write, bore))
                across = (1.4134 + 0.5 * late + more) * now * rate / (load(known, lane) * aim) + 0.5
                store(block.bent, lane, read(line, lane, write, across))
            for lane in range(lanes):
                i = frame * lanes + lane
                freq = clamp(load(block.freq, i), LOWEST, 0.083333 * rate)
                aim = 0.45 + 0.55 * effort(load(block.velocity, i), load(block.pressure, i))
                attack, release = load(block.attack, i), load(block.release, i)
                air = breathed(breath, lane, load(block.gate, i), aim, attack, release, rate)
                hiss = clamp(load(block.noise, i), 0.0, 1.0) * air * loud
                hiss = burst(drawn_anew(block.random, lane), hiss)
                back = reflected(block.low, gain, pole, lane, load(block.wave, lane))
                bent = load(block.bent, lane) - load(block.mean, lane)
                blow = tanh(4.0 * bent + hiss)
                # The edge is off the center of the jet, so one side saturates sooner: even partials.
                blow = air * (1.6 * air * (1.0 - blow * blow) - blow)
                soft = load(block.soft, lane)
                soft += one_pole(1.5 * freq, rate) * (blow - soft)
                store(block.soft, lane, settled(soft))
                inside = bounded(0.5 * back + 0.5 * soft)
                store(line, row(line, lane, write), inside)
                # The corner stays far below the pitch: closer, its phase shift would keep low notes from speaking.
                mean = averaged(block.mean, lane, min(steady, slow * freq), inside)
                listen(block.phase, block.mark, block.tone, pull, lane, inside - mean, freq, 0.04, rate)
                store(block.out, i, 0.8 * (inside - mean) + 0.1 * hiss)
            write = (write + 1) & (line.shape[0] - 1)
        block.write[0] = write
