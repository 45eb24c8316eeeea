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
    """Reed woodwind, clarinet-like: nearly a sine when blown softly, buzzing when blown hard, with a tongued attack.

    A cylindrical bore closed by a reed sounds an octave lower than an open one and has mostly odd harmonics. The reed
    is a valve that closes under breath pressure, so it amplifies the returning wave and saturates where it shuts. Soft
    breath amplifies just enough for a round tone; hard breath drives it into the nonlinearity. Loudness and spectrum
    both follow from that loop, while additive synthesis has to imitate them.
    McIntyre, Schumacher, Woodhouse: "On the oscillations of musical instruments", JASA 1983.
    """

    gate = In(0, doc="Blown while above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Breath strength.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch; limited to below a sixteenth of the sample rate.")
    pressure = In(0, "", 0, 1, doc="Added breath for swells and accents, such as an envelope or aftertouch.")
    attack = In(0.03, "s", 0.001, 5, curve="log", doc="Time constant of the breath's attack.")
    release = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant of the breath's release.")
    brightness = In(2_600, "Hz", 200, 20_000, curve="log", doc="Cutoff of the reflection at the open end.")
    noise = In(0.12, "", 0, 1, doc="Breath noise.")
    out = Out(doc="Output, about -1 .. 1.")
    line = State(ndim=2)
    known = State(ndim=2, doc="Control values of the current tuning.")
    target = State(initial=8, doc="Target delay of the line.")
    delay = State(initial=8)
    gain = State()
    pole = State()
    wave = State(doc="Returning wave before its losses.")
    low = State()
    breath = State()
    mean = State(doc="Steady pressure, removed from the output.")
    tone = State(doc="Previous sample in the pitch tracker.")
    pull = State(doc="Relative delay correction from the pitch tracker.")
    phase = State(dtype=np.uint32)
    mark = State(dtype=np.uint32)
    random = State(dtype=np.uint32)
    write = State((1,), np.int64, counts=UPDATE)

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
                    corner = clamp(block.brightness[frame, lane], 200.0, 20_000.0)
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
                # Tonguing releases the reed with a push of air; without it a soft tone would build up too slowly.
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
