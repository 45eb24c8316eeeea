from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.delays.delay_line import line_length
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds
from nodes.dsp.physical.intonation import listen
from nodes.dsp.physical.percussion import burst, density, one_pole
from nodes.dsp.physical.pipe import averaged, breathed, drawn_anew, effort, pipe, reflected
from nodes.dsp.physical.string import bounded, read, row, slew

UPDATE = 32
LOWEST = 16.0


class Reed(Node, family="Physical models"):
    """Reed: a clarinet, by breath: soft it is nearly a sine, hard it buzzes, and it speaks as one.

    A cylindrical bore closed by a reed sounds an octave lower than it is long and has odd harmonics
    above all. The reed is a valve that closes as the breath presses on it: a curve that amplifies what
    comes back, and bends until the reed is shut. A soft breath amplifies just enough for a tone and leaves
    it round, a hard one drives it into the bend: both loudness and partials come from that loop, while
    additive synthesis has to fake them.
    McIntyre, Schumacher, Woodhouse: "On the oscillations of musical instruments", JASA 1983.
    """

    gate = In(0, doc="It is blown while this is above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Strength of the breath.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch; held below a sixteenth of the sample rate.")
    pressure = In(0, "", 0, 1, doc="More breath, for swells and accents: a cable from an envelope or from aftertouch.")
    attack = In(0.03, "s", 0.001, 5, curve="log", doc="Time constant of the breath's rise.")
    release = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant of its fall.")
    bright = In(2_600, "Hz", 200, 20_000, curve="log", doc="Above it the open end reflects no more.")
    noise = In(0.12, "", 0, 1, doc="Air in the breath.")
    out = Out(doc="Within about -1 .. 1.")
    line = State(ndim=2)
    known = State(ndim=2, doc="Controls for which the bore is tuned.")
    target = State(initial=8, doc="Delay of the line.")
    delay = State(initial=8)
    gain = State()
    pole = State()
    wave = State(doc="What comes back, before its losses.")
    low = State()
    breath = State()
    mean = State(doc="The steady pressure, which is not heard.")
    tone = State(doc="What the ear hears.")
    pull = State(doc="What the ear adds to the delay.")
    phase = State(dtype=np.uint32)
    mark = State(dtype=np.uint32)
    random = State(dtype=np.uint32)
    write = State((1,), np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        line = np.zeros((line_length(0.55 * setup.sample_rate / LOWEST), setup.lanes), np.float32)
        return {"line": line, "known": np.zeros((2, setup.lanes)), "random": seeds(setup.name, 0, setup.lanes)}

    @kernel
    def process(block):
        line, known, rate, lanes, write = block.line, block.known, block.sample_rate, block.lanes, block.write[0]
        delay, breath, target = block.delay, block.breath, block.target
        glide, steady, hiss = one_pole(160.0, rate), one_pole(15.0, rate), 0.06 * density(rate)
        for frame in range(block.frames):
            for lane in range(lanes):
                if write % UPDATE == 0 or breath[lane] == 0.0:
                    freq = clamp(block.freq[frame, lane], LOWEST, 0.0625 * rate)
                    corner = clamp(block.bright[frame, lane], 200.0, 20_000.0)
                    if (freq != known[0, lane]) | (corner != known[1, lane]):
                        known[0, lane], known[1, lane] = freq, corner
                        target[lane], block.gain[lane], block.pole[lane] = pipe(freq, corner, rate)
                    delay[lane] = target[lane] if breath[lane] == 0.0 else delay[lane]
            for lane in range(lanes):
                now = slew(delay, target, lane, glide)
                now *= 1.0 + load(block.pull, lane)
                store(block.wave, lane, read(line, lane, write, now))
            for lane in range(lanes):
                i = frame * lanes + lane
                aim = 0.08 + 0.92 * effort(load(block.velocity, i), load(block.pressure, i))
                attack, release = load(block.attack, i), load(block.release, i)
                gate = load(block.gate, i)
                air = breathed(breath, lane, gate, aim, attack, release, rate)
                # The tongue lets the reed go at once and with a push, or a soft tone would wait for its own growth.
                rest = 1.0 - min(150.0 * air, np.float32(1.0))
                free = 1.0 - rest * rest
                freq = clamp(load(block.freq, i), LOWEST, 0.0625 * rate)
                push = max(aim - air, np.float32(0.0)) * max(1.0 - 5.0 * attack, np.float32(0.0))
                push *= clamp(1.1 - 0.0006 * freq, 0.4, 1.0)
                push *= max(1.6 - 3.5 * aim, 0.7 - 0.4 * aim) if gate > 0.5 else np.float32(0.0)
                drive = free * (1.008 + air * air * (0.08 + 0.22 * air) + push)
                noise = hiss * clamp(load(block.noise, i), 0.0, 1.0) * air
                mouth = 0.15 * free + burst(drawn_anew(block.random, lane), noise)
                back = reflected(block.low, block.gain, block.pole, lane, load(block.wave, lane))
                across = clamp(mouth - drive * back, -1.5, 1.5)
                inside = bounded(across - 0.14814815 * across * across * across)
                store(line, row(line, lane, write), inside)
                mean = averaged(block.mean, lane, steady, inside)
                listen(block.phase, block.mark, block.tone, block.pull, lane, inside - mean, freq, 0.004, rate)
                near = 1.0 - min(3.0 * air, np.float32(1.0))
                store(block.out, i, 0.5 * (1.0 - near * near) * (inside - mean))
            write = (write + 1) & (line.shape[0] - 1)
        block.write[0] = write
