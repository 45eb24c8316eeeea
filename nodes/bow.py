from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.delays.delay_line import line_length
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds
from nodes.dsp.physical.friction import friction, playable, rolled
from nodes.dsp.physical.intonation import listen
from nodes.dsp.physical.percussion import burst, density, fall, one_pole, settled
from nodes.dsp.physical.pipe import averaged, blown, breathed, drawn_anew, effort, reflected, retune
from nodes.dsp.physical.string import bounded, read, read_smooth, row, slew

UPDATE = 32
LOWEST = 16.0


class Bow(Node, family="Physical models"):
    """Bowed string: violin to bass, from a whisper over the fingerboard to a bite at the bridge; without a body.

    Two delay lines run from the bow to the bridge and to the nut. Friction between them holds the string until it
    slips, once per period (Helmholtz motion): a sawtooth with a physical onset and physical transitions. McIntyre,
    Schumacher, Woodhouse: "On the oscillations of musical instruments", JASA 1983; Smith: "Efficient simulation of
    the reed-bore and bow-string mechanisms", ICMC 1986.
    """

    gate = In(0, doc="Gate; above 0.5 the string is bowed, then the bow lifts and the string rings.")
    velocity = In(0.7, "", 0, 1, doc="Bow speed.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch; held below 1/14 of the sample rate.")
    pressure = In(0, "", 0, 1, doc="Extra bow speed for swells and accents, from an envelope or aftertouch.")
    force = In(0.5, "", 0, 1, doc="Bow force, from airy to grinding.")
    position = In(0.12, "", 0.04, 0.3, doc="Bow position: 0.05 at the bridge, 0.25 over the fingerboard.")
    attack = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant of the bow speed's rise.")
    release = In(0.05, "s", 0.001, 5, curve="log", doc="Time constant of the bow lift.")
    decay = In(0.7, "s", 0.02, 60, curve="log", doc="Decay time (T60) of the string after the bow lifts.")
    brightness = In(5_000, "Hz", 200, 20_000, curve="log", doc="Frequency above which string losses rise.")
    noise = In(0.1, "", 0, 1, ramp=0.05, doc="Rosin: irregularity of the bow's grip.")
    out = Out(doc="Within about -1 .. 1.")
    nut = State(ndim=2, doc="Wave to the nut and back.")
    bridge = State(ndim=2, doc="Wave to the bridge and back.")
    known = State(ndim=2, doc="Control values to which the string is tuned.")
    target = State(initial=16, doc="Delay of both lines together.")
    delay = State(initial=16)
    place = State(initial=0.12, doc="Smoothed bow position.")
    gain, pole = State(), State()
    from_nut, from_bridge = State(doc="Returning wave before its losses."), State()
    lever, low, mean, twist = State(), State(), State(), State()
    bowing = State(doc="Bow speed.")
    grip = State(doc="Contact of the bow with the string.")
    loose = State(doc="Whether the string slips.")
    tone, pull = State(doc="Previous input sample of the pitch detector."), State(doc="Pitch correction.")
    phase, mark, random = State(dtype=np.uint32), State(dtype=np.uint32), State(dtype=np.uint32)
    write = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        length, lanes = line_length(1.1 * setup.sample_rate / LOWEST), setup.lanes
        lines = {name: np.zeros((length, lanes), np.float32) for name in ("nut", "bridge")}
        return {**lines, "known": np.zeros((2, lanes)), "random": seeds(setup.name, 0, lanes)}

    @kernel
    def process(block):
        nut, bridge, known, rate, lanes = block.nut, block.bridge, block.known, block.sample_rate, block.lanes
        target, delay, gain, pole, bowing = block.target, block.delay, block.gain, block.pole, block.bowing
        pull, write, rough, creep = block.pull, block.write[0], 0.3 * density(rate), one_pole(50.0, rate)
        glide, steady, slide = one_pole(160.0, rate), one_pole(15.0, rate), one_pole(20.0, rate)
        for frame in range(block.frames):
            if write % UPDATE == 0:
                for lane in range(lanes):
                    freq = clamp(block.freq[frame, lane], LOWEST, 0.0714 * rate)
                    # The factor compensates for the loss of `read_smooth` below.
                    corner = min(1.12 * clamp(block.brightness[frame, lane], 200.0, 20_000.0), 9.0 * freq)
                    retune(known, target, gain, pole, lane, freq, corner, rate)
                    delay[lane] = target[lane] if bowing[lane] == 0.0 else delay[lane]
            for lane in range(lanes):
                i = frame * lanes + lane
                freq = clamp(load(block.freq, i), LOWEST, 0.0714 * rate)
                now = slew(delay, target, lane, glide)
                place = load(block.place, lane)
                place += slide * (clamp(load(block.position, i), 0.04, 0.3) - place)
                store(block.place, lane, place)
                whole = now * (1.0035 + load(pull, lane))
                # The corner of the string must not be wider than the round trip to the bridge.
                width = 1.5 + 0.159 * rate / max(load(known, lanes + lane), 4.0 * freq)
                near = max(place * whole, 1.2 * width)
                store(block.from_nut, lane, read(nut, lane, write, whole - near))
                store(block.from_bridge, lane, read_smooth(bridge, lane, write, near))
                store(block.lever, lane, whole / near)
            for lane in range(lanes):
                i = frame * lanes + lane
                freq = clamp(load(block.freq, i), LOWEST, 0.0714 * rate)
                gate, release = load(block.gate, i), load(block.release, i)
                aim = 0.02 + 0.055 * effort(load(block.velocity, i), load(block.pressure, i))
                speed = breathed(bowing, lane, gate, aim, load(block.attack, i), release, rate)
                grip = load(block.grip, lane)
                grip = blown(grip, gate, np.float32(1.0), np.float32(0.005), release, rate)
                store(block.grip, lane, grip)
                rosin = rough * clamp(load(block.noise, i), 0.0, 1.0) * speed
                lost = fall(freq * clamp(load(block.decay, i), 0.02, 60.0), np.float32(1.0))
                from_nut = -lost * load(block.from_nut, lane)
                from_bridge = reflected(block.low, gain, pole, lane, load(block.from_bridge, lane))
                aim = aim if gate > 0.5 else speed
                free = speed + burst(drawn_anew(block.random, lane), rosin) + from_bridge - from_nut
                most = load(block.lever, lane) * playable(load(block.force, i), speed, aim, freq)
                given, loose = friction(free, speed, most, load(block.loose, lane))
                store(block.loose, lane, loose)
                given = rolled(block.twist, lane, given, creep)
                store(nut, row(nut, lane, write), bounded(grip * given - from_bridge))
                store(bridge, row(bridge, lane, write), bounded(grip * given + from_nut))
                sound = from_bridge - averaged(block.mean, lane, steady, from_bridge)
                tone = load(block.tone, lane)
                tone = settled(tone + one_pole(freq, rate) * (sound - tone))
                listen(block.phase, block.mark, block.tone, pull, lane, tone, freq, 0.02, rate)
                store(block.out, i, 10.5 * (load(block.place, lane) + 0.06) * sound)
            write = (write + 1) & (nut.shape[0] - 1)
        block.write[0] = write
