from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import store
from nodes.dsp.delay_line import line_length
from nodes.dsp.friction import friction, playable
from nodes.dsp.functions import clamp
from nodes.dsp.intonation import listen
from nodes.dsp.percussion import burst, density, fall, one_pole, settled
from nodes.dsp.pipe import blown, retune
from nodes.dsp.random import seeds, shuffle
from nodes.dsp.string import bounded, read, row

UPDATE = 32
LOWEST = 16.0


class Bow(Node, family="Physical models"):
    """Bowed string: violin to bass, from a whisper over the fingerboard to a bite at the bridge; without its body.

    Two delay lines, to the bridge and to the nut, and between them friction that holds the string until
    it tears loose, once a period (Helmholtz): a saw-tooth, but one that has to be started and changed.
    McIntyre, Schumacher, Woodhouse: "On the oscillations of musical instruments", JASA 1983;
    Smith: "Efficient simulation of the reed-bore and bow-string mechanisms", ICMC 1986.
    """

    gate = In(0, doc="It is bowed while this is above 0.5; then the bow is lifted and the string rings.")
    velocity = In(0.7, "", 0, 1, doc="Speed of the bow.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch; held below a fourteenth of the sample rate.")
    pressure = In(0, "", 0, 1, doc="More speed, for swells and accents: a cable from an envelope or from aftertouch.")
    force = In(0.5, "", 0, 1, doc="How hard the bow presses: from airy to grinding.")
    position = In(0.12, "", 0.04, 0.3, doc="Of the bow on the string: 0.05 at the bridge, 0.25 over the fingerboard.")
    attack = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant with which the bow gets going.")
    release = In(0.05, "s", 0.001, 5, curve="log", doc="Time constant with which it is lifted.")
    decay = In(0.7, "s", 0.02, 60, curve="log", doc="Time to fall by 60 dB of the string that was left.")
    bright = In(5_000, "Hz", 200, 20_000, curve="log", doc="Losses rise above it.")
    noise = In(0.1, "", 0, 1, ramp=0.05, doc="Rosin: how unevenly the bow holds.")
    out = Out(doc="Within about -1 .. 1.")
    nut = State(ndim=2, doc="The wave to the nut and back.")
    bridge = State(ndim=2, doc="The wave to the bridge and back.")
    known = State(ndim=2, doc="Controls for which the string is tuned.")
    target = State(initial=16, doc="Delay of both lines.")
    delay = State(initial=16)
    place = State(initial=0.12, doc="Of the bow, smooth.")
    gain = State()
    pole = State()
    low = State()
    bowing = State(doc="Speed of the bow.")
    grip = State(doc="How far the bow is on the string.")
    loose = State(doc="Whether the string slips.")
    mean = State()
    tone = State(doc="What the ear hears.")
    pull = State(doc="What the ear adds to the delay.")
    phase = State(dtype=np.uint32)
    mark = State(dtype=np.uint32)
    random = State(dtype=np.uint32)
    write = State((1,), np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        length, lanes = line_length(1.1 * setup.sample_rate / LOWEST), setup.lanes
        lines = {name: np.zeros((length, lanes), np.float32) for name in ("nut", "bridge")}
        return {**lines, "known": np.zeros((2, lanes)), "random": seeds(setup.name, 0, lanes)}

    @kernel
    def process(block):
        nut, bridge, known, rate = block.nut, block.bridge, block.known, block.sample_rate
        target, delay, gain, pole, bowing = block.target, block.delay, block.gain, block.pole, block.bowing
        pull, write = block.pull, block.write[0]
        glide, steady, slide = one_pole(160.0, rate), one_pole(15.0, rate), one_pole(20.0, rate)
        for frame in range(block.frames):
            if write % UPDATE == 0:
                for lane in range(block.lanes):
                    freq = clamp(block.freq[frame, lane], LOWEST, 0.0714 * rate)
                    corner = min(clamp(block.bright[frame, lane], 200.0, 20_000.0), 9.0 * freq)
                    retune(known, target, gain, pole, lane, freq, corner, rate)
                    delay[lane] = target[lane] if bowing[lane] == 0.0 else delay[lane]
            for lane in range(block.lanes):
                freq = clamp(block.freq[frame, lane], LOWEST, 0.0714 * rate)
                hard = clamp(block.velocity[frame, lane], 0.0, 1.0) + clamp(block.pressure[frame, lane], 0.0, 1.0)
                gate, attack, release = block.gate[frame, lane], block.attack[frame, lane], block.release[frame, lane]
                aim = 0.02 + 0.055 * min(hard, np.float32(1.0))
                bowing[lane] = blown(bowing[lane], gate, aim, attack, release, rate)
                block.grip[lane] = blown(block.grip[lane], gate, np.float32(1.0), np.float32(0.005), release, rate)
                block.random[lane] = shuffle(block.random[lane])
                rosin = 0.3 * clamp(block.noise[frame, lane], 0.0, 1.0) * bowing[lane] * density(rate)
                delay[lane] += glide * (target[lane] - delay[lane])
                block.place[lane] += slide * (clamp(block.position[frame, lane], 0.04, 0.3) - block.place[lane])
                whole = delay[lane] * (1.0035 + pull[lane])
                # Not so near that the corner of the string is wider than the way to the bridge and back.
                width = 1.5 + 0.159 * rate / max(known[1, lane], 4.0 * freq)
                near = max(block.place[lane] * whole, 1.2 * width)
                lost = fall(freq * clamp(block.decay[frame, lane], 0.02, 60.0), np.float32(1.0))
                from_nut = -lost * read(nut, lane, write, whole - near)
                wave = gain[lane] * read(bridge, lane, write, near)
                from_bridge = wave + block.low[lane]
                block.low[lane] = settled(wave - pole[lane] * from_bridge)
                free = bowing[lane] + burst(block.random[lane], rosin) + from_bridge - from_nut
                missing = max(aim - bowing[lane], np.float32(0.0)) if gate > 0.5 else np.float32(0.0)
                most = playable(clamp(block.force[frame, lane], 0.0, 1.0), bowing[lane], missing, freq) * whole / near
                given, block.loose[lane] = friction(free, bowing[lane], most, block.loose[lane])
                given *= block.grip[lane]
                store(nut, row(nut, lane, write), bounded(given - from_bridge), 0, 3)
                store(bridge, row(bridge, lane, write), bounded(given + from_nut), 1, 3)
                block.mean[lane] = settled(block.mean[lane] + steady * (from_bridge - block.mean[lane]))
                sound = from_bridge - block.mean[lane]
                tone = settled(block.tone[lane] + one_pole(freq, rate) * (sound - block.tone[lane]))
                listen(block.phase, block.mark, block.tone, pull, lane, tone, freq, 0.02, rate)
                block.out[frame, lane] = 10.5 * (block.place[lane] + 0.06) * sound
            write = (write + 1) & (nut.shape[0] - 1)
        block.write[0] = write
