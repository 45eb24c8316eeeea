from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.delays.delay_line import line_length
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import clamp, exp2
from nodes.dsp.math.random import seeds
from nodes.dsp.physical.intonation import listen
from nodes.dsp.physical.percussion import burst, density, one_pole
from nodes.dsp.physical.pipe import averaged, breathed, drawn_anew, effort, reflected, retune
from nodes.dsp.physical.string import bounded, read_smooth, row, slew

UPDATE = 32
LOWEST = 16.0


class Brass(Node, family="Physical models"):
    """Brass: trumpet, horn, trombone; mellow when soft, brassy when blown hard.

    Lips that swing at their own resonance admit breath into a horn, whose reflection sets the pitch. Loud sound
    steepens in the tube because its crests travel faster. That steepening, not a filter with an envelope, makes the
    blare, and it varies within a note. The bell reflects lows and radiates highs. Adachi, Sato: "Trumpet sound
    simulation using a two-dimensional lip vibration model", JASA 1996; Hirschberg, Gilbert, Msallam, Wijnands:
    "Shock waves in trombones", JASA 1996.
    """

    gate = In(0, doc="Gate; the instrument is blown while it is above 0.5.")
    velocity = In(0.7, "", 0, 1, doc="Breath strength.")
    freq = In(220, "Hz", 16, 20_000, curve="log", doc="Pitch; held below 1/14 of the sample rate.")
    pressure = In(0, "", 0, 1, doc="Extra breath for swells and accents, from an envelope or aftertouch.")
    attack = In(0.02, "s", 0.001, 5, curve="log", doc="Time constant of the breath's rise.")
    release = In(0.04, "s", 0.001, 5, curve="log", doc="Time constant of the breath's fall.")
    tension = In(
        0, "semitones", -2, 2, doc="Lip tension relative to the note: tight is thin and slow to speak, slack is rough."
    )
    blare = In(0.5, "", 0, 1, doc="Steepening of loud sounds: 0 for a flugelhorn, 1 for a trombone.")
    brightness = In(1_800, "Hz", 200, 20_000, curve="log", doc="Frequency above which the bell radiates.")
    noise = In(0.05, "", 0, 1, doc="Breath noise.")
    out = Out(doc="Within about -1 .. 1.")
    line = State(ndim=2)
    known = State(ndim=2, doc="Control values to which the horn is tuned.")
    target = State(initial=16, doc="Delay of the line.")
    delay = State(initial=16)
    gain, pole = State(), State()
    wave = State(doc="Returning wave before its losses.")
    low = State()
    swing = State(doc="Lip displacement.")
    moved = State()
    breath = State()
    mean = State(doc="Steady pressure, which is inaudible.")
    crest = State(doc="Pressure in the tube, which sets the wave speed.")
    tone = State(doc="Previous input sample of the pitch detector.")
    pull = State(doc="Pitch correction of the delay.")
    phase, mark = State(dtype=np.uint32), State(dtype=np.uint32)
    random = State(dtype=np.uint32)
    write = State((1,), np.int64, counts=UPDATE)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        line = np.zeros((line_length(1.4 * setup.sample_rate / LOWEST), setup.lanes), np.float32)
        return {"line": line, "known": np.zeros((2, setup.lanes)), "random": seeds(setup.name, 0, setup.lanes)}

    @kernel
    def process(block):
        line, known, rate = block.line, block.known, block.sample_rate
        target, delay, gain, pole, breath = block.target, block.delay, block.gain, block.pole, block.breath
        pull, write, lanes = block.pull, block.write[0], block.lanes
        glide, loud, steady = one_pole(160.0, rate), density(rate), np.float32(0.1885) / rate
        for frame in range(block.frames):
            if write % UPDATE == 0:
                for lane in range(lanes):
                    freq = clamp(block.freq[frame, lane], LOWEST, 0.0714 * rate)
                    corner = clamp(block.brightness[frame, lane], 200.0, 20_000.0)
                    retune(known, target, gain, pole, lane, freq, corner, rate)
                    delay[lane] = target[lane] if breath[lane] == 0.0 else delay[lane]
            for lane in range(lanes):
                i = frame * lanes + lane
                now = slew(delay, target, lane, glide)
                hard = effort(load(block.velocity, i), load(block.pressure, i))
                blare = clamp(load(block.blare, i), 0.0, 1.0)
                # A crest arrives early; the average pitch shift from that and from the lips is compensated here.
                # Near half the sample rate there is no room for the harmonics that steepening adds.
                blare *= clamp(0.023 * now - 0.25, 0.25, 1.0)
                early = clamp(0.12 * blare * load(block.crest, lane), -0.2, 0.2)
                early += blare * (0.012 + 0.017 * hard) - 0.0035
                now *= 1.0 + load(pull, lane) - early
                store(block.wave, lane, read_smooth(line, lane, write, now))
            for lane in range(lanes):
                i = frame * lanes + lane
                freq = clamp(load(block.freq, i), LOWEST, 0.0714 * rate)
                aim = 0.42 + 0.58 * effort(load(block.velocity, i), load(block.pressure, i))
                attack, release = load(block.attack, i), load(block.release, i)
                air = breathed(breath, lane, load(block.gate, i), aim, attack, release, rate)
                hiss = clamp(load(block.noise, i), 0.0, 1.0) * air * loud
                hiss = burst(drawn_anew(block.random, lane), hiss)
                arrived = load(block.wave, lane)
                back = reflected(block.low, gain, pole, lane, arrived)
                mean = averaged(block.mean, lane, steady * freq, back)
                answer = back - mean
                lips = freq * exp2(0.083333333 * clamp(load(block.tension, i), -2.0, 2.0))
                swing, moved = load(block.swing, lane), load(block.moved, lane)
                opens, _, swing, moved = svf(answer + 0.1 * hiss, lips, 3.0, swing, moved, rate)
                store(block.swing, lane, swing)
                store(block.moved, lane, moved)
                # No corner where the lips meet and part: its partials would alias into the audible range.
                bent = clamp(0.85333 * opens - 0.42667, -1.0, 1.0)
                square = bent * bent
                gap = 0.5 + bent * (0.9375 - square * (0.625 - 0.1875 * square))
                inside = bounded(gap * (air + hiss) + 0.9 * (1.0 - gap) * answer)
                store(line, row(line, lane, write), inside)
                store(block.crest, lane, answer)
                listen(block.phase, block.mark, block.tone, pull, lane, opens, freq, 0.06, rate)
                store(block.out, i, arrived - 0.85 * back - 0.15 * mean)
            write = (write + 1) & (line.shape[0] - 1)
        block.write[0] = write
