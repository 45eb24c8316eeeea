from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import store
from nodes.dsp.delay_line import line_length
from nodes.dsp.functions import clamp, exp2
from nodes.dsp.intonation import listen
from nodes.dsp.percussion import burst, density, one_pole, settled
from nodes.dsp.pipe import blown, retune
from nodes.dsp.random import seeds, shuffle
from nodes.dsp.string import bounded, read, row
from nodes.dsp.svf import svf

UPDATE = 32
LOWEST = 16.0


class Brass(Node, family="Physical models"):
    """Brass: trumpet, horn, trombone; mellow when soft, and it blares when blown hard, as only brass does.

    Lips that swing at their own resonance let the breath into a horn, which answers with the pitch. Loud
    sound steepens on its way through the tube, as its crests travel faster: that, and no filter opened by
    an envelope, is the blare, and it comes and goes within a note. The bell keeps the low and lets out the high.
    Adachi, Sato: "Trumpet sound simulation using a two-dimensional lip vibration model", JASA 1996;
    Hirschberg, Gilbert, Msallam, Wijnands: "Shock waves in trombones", JASA 1996.
    """

    gate = In(0, doc="It is blown while this is above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Strength of the breath.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch; held below a fourteenth of the sample rate.")
    pressure = In(0, "", 0, 1, doc="More breath, for swells and accents: a cable from an envelope or from aftertouch.")
    attack = In(0.02, "s", 0.001, 5, curve="log", doc="Time constant of the breath's rise.")
    release = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant of its fall.")
    tension = In(
        0, "semitones", -2, 2, doc="Of the lips, above the note: tight is thin and slow to speak, slack is rough."
    )
    blare = In(0.5, "", 0, 1, doc="How much a loud sound steepens: 0 a flugelhorn, 1 a trombone.")
    bright = In(1_800, "Hz", 200, 20_000, curve="log", doc="Above it the bell lets the sound out.")
    noise = In(0.05, "", 0, 1, doc="Air in the breath.")
    out = Out(doc="Within about -1 .. 1.")
    line = State(ndim=2)
    known = State(ndim=2, doc="Controls for which the horn is tuned.")
    target = State(initial=16, doc="Delay of the line.")
    delay = State(initial=16)
    gain = State()
    pole = State()
    low = State()
    swing = State(doc="Of the lips.")
    moved = State()
    breath = State()
    mean = State(doc="The steady pressure, which is not heard.")
    crest = State(doc="What goes through the tube, for its speed.")
    tone = State(doc="What the ear hears.")
    pull = State(doc="What the ear adds to the delay.")
    phase = State(dtype=np.uint32)
    mark = State(dtype=np.uint32)
    random = State(dtype=np.uint32)
    write = State((1,), np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        line = np.zeros((line_length(1.4 * setup.sample_rate / LOWEST), setup.lanes), np.float32)
        return {"line": line, "known": np.zeros((2, setup.lanes)), "random": seeds(setup.name, 0, setup.lanes)}

    @kernel
    def process(block):
        line, known, rate = block.line, block.known, block.sample_rate
        target, delay, gain, pole, breath = block.target, block.delay, block.gain, block.pole, block.breath
        pull, write = block.pull, block.write[0]
        glide = one_pole(160.0, rate)
        for frame in range(block.frames):
            if write % UPDATE == 0:
                for lane in range(block.lanes):
                    freq = clamp(block.freq[frame, lane], LOWEST, 0.0714 * rate)
                    corner = clamp(block.bright[frame, lane], 200.0, 20_000.0)
                    retune(known, target, gain, pole, lane, freq, corner, rate)
                    delay[lane] = target[lane] if breath[lane] == 0.0 else delay[lane]
            for lane in range(block.lanes):
                freq = clamp(block.freq[frame, lane], LOWEST, 0.0714 * rate)
                hard = clamp(block.velocity[frame, lane], 0.0, 1.0) + clamp(block.pressure[frame, lane], 0.0, 1.0)
                hard = min(hard, np.float32(1.0))
                aim = 0.42 + 0.58 * hard
                gate, attack, release = block.gate[frame, lane], block.attack[frame, lane], block.release[frame, lane]
                air = blown(breath[lane], gate, aim, attack, release, rate)
                breath[lane] = air
                block.random[lane] = shuffle(block.random[lane])
                hiss = burst(block.random[lane], clamp(block.noise[frame, lane], 0.0, 1.0) * air * density(rate))
                delay[lane] += glide * (target[lane] - delay[lane])
                blare = clamp(block.blare[frame, lane], 0.0, 1.0)
                steep = 0.12 * blare * block.crest[lane]
                # A crest arrives early; what that and the lips do to the pitch on the average is given back.
                early = clamp(steep, -0.2, 0.2) + blare * (0.012 + 0.017 * hard) - 0.0035
                arrived = read(line, lane, write, delay[lane] * (1.0 + pull[lane] - early))
                wave = gain[lane] * arrived
                back = wave + block.low[lane]
                block.low[lane] = settled(wave - pole[lane] * back)
                block.mean[lane] = settled(block.mean[lane] + one_pole(0.03 * freq, rate) * (back - block.mean[lane]))
                answer = back - block.mean[lane]
                lips = freq * exp2(0.083333333 * clamp(block.tension[frame, lane], -2.0, 2.0))
                swing, _, block.swing[lane], block.moved[lane] = svf(
                    answer + 0.1 * hiss, lips, 3.0, block.swing[lane], block.moved[lane], rate
                )
                gap = clamp(0.1 + 0.8 * swing, 0.0, 1.0)
                inside = bounded(gap * (air + hiss) + 0.9 * (1.0 - gap) * answer)
                store(line, row(line, lane, write), inside, 0, 2)
                block.crest[lane] = answer
                listen(block.phase, block.mark, block.tone, pull, lane, swing, freq, 0.06, rate)
                block.out[frame, lane] = arrived - 0.85 * back - 0.15 * block.mean[lane]
            write = (write + 1) & (line.shape[0] - 1)
        block.write[0] = write
