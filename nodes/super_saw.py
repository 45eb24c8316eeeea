from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Option, Out, Setup, State, kernel
from nodes.dsp.math.phase import TURN
from nodes.dsp.math.random import seeds
from nodes.dsp.oscillators.harmonics import EDGES, any_above
from nodes.dsp.oscillators.oscillator import Oscillator, no_jumps, nothing_asked, restarting
from nodes.dsp.oscillators.seven_saws import SAWS, play

APART = (-1.0, -0.571558, -0.177451, 0.0, 0.180982, 0.565022, 0.976635)
PLACES = (-0.6, 1.0, -0.3, 0.0, 0.3, -1.0, 0.6)


class SuperSaw(Oscillator):
    """Supersaw oscillator: seven detuned saws spread in stereo, the wide lead and pad of trance.

    Detuning and the balance of `mix` follow measurements of a Roland JP-8000. Its aliasing and the high-pass filter
    that masks it are left out, because these saws are band-limited (nodes/dsp/oscillators/blep.py). Each saw starts at
    a seeded random phase, so a note does not begin with a click. Power equals that of one saw at every `mix`, and left
    plus right is exactly the mono sound. Adam Szabo, "How to emulate the Super Saw", KTH 2010.
    """

    freq = In(220, "Hz", -18_000, 18_000, curve="log", channels=1, doc="Pitch of the center saw.")
    detune = In(20, "cents", 0, 100, channels=1, doc="Detuning of the outermost saws.")
    mix = In(0.5, "", 0, 1, channels=1, doc="Balance: 0 is the center saw alone, 1 mostly the six others.")
    spread = In(0.7, "", 0, 1, channels=1, doc="Stereo width of the six others; 0 is mono.")
    trigger = In(0, channels=1, rests=True, doc="A rise above 0.5 restarts all saws.")
    start_phase = In(0, "", -1, 1, channels=1, rests=True, doc="Offset of the initial phases, in cycles.")
    sync = In(0, channels=1, rests=True, doc="Hard sync: a rise through 0 restarts all saws, between frames.")
    out = Out(channels=2, doc="Stereo signal of each voice.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Seed of the initial phases; 0 derives it from the node's name.")
    phases = State(dtype=np.uint32, ndim=2, doc="2**32 per cycle.")
    first = State(dtype=np.uint32, ndim=2, constant=True, doc="Phases at each start.")
    jumps = State(ndim=2, doc="Restarts under way (nodes/dsp/oscillators/restart.py), left and right.")
    apart = State(shape=SAWS)
    places = State(shape=SAWS)
    one = State(doc="Level of the center saw.")
    six = State(doc="Level of each of the other saws.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        first = [seeds(f"{setup.name} {voice}", self.seed and self.seed + voice, SAWS) for voice in range(setup.voices)]
        phases = {"phases": np.transpose(first), "first": np.transpose(first)}
        return {**phases, "jumps": no_jumps(2 * setup.voices), "apart": APART, "places": PLACES}

    @kernel
    def process(block):
        # Two calls, because a choice inside the loop would compute both.
        if restarting(block):
            play(block, True, True)
        elif any_above(block.freq, block.frames * block.voices, 0.94 * EDGES * block.sample_rate / TURN):
            play(block, True, False)
            nothing_asked(block)
        else:
            play(block, False, False)
            nothing_asked(block)
