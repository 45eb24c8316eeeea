from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, helper, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.math.random import seeds
from nodes.dsp.oscillators.harmonics import EDGES, any_above, low_saw, saw

SAWS = 7
APART = (-1.0, -0.571558, -0.177451, 0.0, 0.180982, 0.565022, 0.976635)
PLACES = (-0.6, 1.0, -0.3, 0.0, 0.3, -1.0, 0.6)


class SuperSaw(Node):
    """Supersaw oscillator: seven detuned saws spread in stereo; trance leads and pads.

    Detuning and the balance of `mix` follow measurements of a Roland JP-8000. Its aliasing and the high-pass filter
    that masks it are left out, because these saws are band-limited (nodes/dsp/oscillators/blep.py). Each saw starts at
    a seeded random phase, so a note does not begin with a click. Power equals that of one saw at every `mix`, and left
    plus right is exactly the mono sound. Adam Szabo, "How to emulate the Super Saw", KTH 2010.
    """

    freq = In(220, "Hz", 0.001, 18_000, curve="log", channels=1, doc="Pitch of the center saw.")
    detune = In(20, "cents", 0, 100, channels=1, doc="Detuning of the outermost saw from the center.")
    mix = In(0.5, "", 0, 1, channels=1, doc="Balance: 0 the center saw alone, 1 mostly the six others.")
    spread = In(0.7, "", 0, 1, channels=1, doc="Stereo width of the six others; 0 is mono.")
    out = Out(channels=2, doc="Stereo sound of each voice.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed of the start phases; 0 derives one from the node's name.")
    phases = State(dtype=np.uint32, ndim=2, doc="Phase, 2**32 per cycle.")
    apart = State(shape=SAWS)
    places = State(shape=SAWS)
    one = State(doc="Level of the center saw.")
    six = State(doc="Level of each of the other saws.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        first = [seeds(f"{setup.name} {voice}", self.seed and self.seed + voice, SAWS) for voice in range(setup.voices)]
        return {"phases": np.transpose(first), "apart": APART, "places": PLACES}

    @kernel
    def process(block):
        # Two calls, because a branch inside the vectorized loop would compute both.
        if any_above(block.freq, block.frames * block.voices, 0.94 * EDGES * block.sample_rate / TURN):
            play(block, True)
        else:
            play(block, False)


@helper
def play(block, high):
    """Renders a block; `high` if any pitch needs sums of harmonics."""
    frames, voices = block.frames, block.voices
    freq, detune, mix, spread, out = block.freq, block.detune, block.mix, block.spread, block.out
    phases, apart, places, one, six = block.phases, block.apart, block.places, block.one, block.six
    scale = TURN / block.sample_rate
    least, most = 0.001 * scale, highest_steps(scale)
    for frame in range(frames):
        for voice in range(voices):
            i = frame * voices + voice
            x = clamp(load(mix, i), 0.0, 1.0)
            middle = 0.99785 - 0.55366 * x
            others = 0.044372 + x * (1.2841 - 0.73764 * x)
            even = 1.0 / np.sqrt(middle * middle + 6.0 * others * others)
            store(one, voice, middle * even)
            store(six, voice, others * even)
            store(out, i + frame * voices, 0.0)
            store(out, i + frame * voices + voices, 0.0)
        for k in range(SAWS):
            in_middle = k == SAWS // 2
            bends = 0.0005776226504666211 * apart[k]
            place = places[k]
            for voice in range(voices):
                i = frame * voices + voice
                left = i + frame * voices
                right = left + voices
                bend = bends * clamp(load(detune, i), 0.0, 100.0)
                steps = clamp(scale * (load(freq, i) * (1.0 + bend + 0.5 * bend * bend)), least, most)
                turn = load(phases, k * voices + voice)
                tone = saw(turn, steps) if high else low_saw(turn, steps)
                tone *= load(one, voice) if in_middle else load(six, voice)
                side = place * clamp(load(spread, i), 0.0, 1.0) * tone
                store(out, left, load(out, left) + tone - side)
                store(out, right, load(out, right) + tone + side)
                store(phases, k * voices + voice, advance(turn, steps))
