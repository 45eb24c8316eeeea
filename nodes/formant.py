from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp, cosine, exp
from nodes.dsp.math.phase import STEP, advance, increment, signed
from nodes.dsp.oscillators.harmonics import weight
from nodes.dsp.singing.singers import SINGERS, table

VOWELS = 5
FORMANTS = 5


class Formant(Node):
    """Formant oscillator for sung vowels: five formants that stay fixed while the pitch moves.

    Each formant is a crossfaded pair of its nearest harmonics, times a pulse at the pitch whose spectrum is a bell
    of the formant's bandwidth: modified frequency modulation. It needs no filters and no clean source pulse and
    does not ring after a note. The bells fall off quickly, so there is little aliasing. A formant below the pitch
    moves up to the pitch. Lazzarini and Timoney, "Theory and practice of modified frequency modulation synthesis",
    2010.
    """

    freq = In(110, "Hz", 10, 4_000, curve="log", ramp=0.03, doc="Pitch.")
    vowel = In(0, "", 0, 4, ramp=0.03, doc="Vowel: 0 a, 1 e, 2 i, 3 o, 4 u; fractions interpolate.")
    shift = In(1, "", 0.5, 2, curve="log", ramp=0.03, doc="Factor for all formant frequencies; 1.2 is a smaller head.")
    out = Out(doc="Sung vowel, about -1 .. 1.")
    singer = Option("tenor", choices=tuple(SINGERS), doc="Voice type that sets the formants.")
    turn = State(dtype=np.uint32, doc="Phase; 2**32 steps per cycle.")
    formants = State(shape=VOWELS * 3 * FORMANTS, doc="Five frequencies, five amplitudes, five bandwidths per vowel.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        parts = table(self.singer).reshape(VOWELS, FORMANTS, 3).transpose(0, 2, 1)
        hertz, levels, widths = 2.0 ** parts[:, 0], 10.0 ** (parts[:, 1] / 20), 2.0 ** parts[:, 2]
        return {"formants": np.stack([hertz, levels, widths], axis=1).ravel()}

    @kernel
    def process(block):
        lanes, rate, out, formants = block.lanes, block.sample_rate, block.out, block.formants
        for frame in range(block.frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                store(out, i, 0.0)
            for formant in range(FORMANTS):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    freq = clamp(load(block.freq, i), 10.0, 4000.0)
                    place = clamp(load(block.vowel, i), 0.0, 4.0)
                    shift = clamp(load(block.shift, i), 0.5, 2.0)
                    vowel = np.int64(place)
                    vowel = vowel if vowel < VOWELS - 1 else VOWELS - 2
                    between = place - np.float32(vowel)
                    at = vowel * (3 * FORMANTS) + formant
                    then = at + 3 * FORMANTS
                    hertz = load(formants, at)
                    hertz = shift * (hertz + between * (load(formants, then) - hertz))
                    level = load(formants, at + FORMANTS)
                    level += between * (load(formants, then + FORMANTS) - level)
                    wide = load(formants, at + 2 * FORMANTS)
                    wide = shift * (wide + between * (load(formants, then + 2 * FORMANTS) - wide))
                    number = hertz / freq
                    number = number if number > 1.0 else 1.0
                    low = np.floor(number)
                    share = number - low
                    bell = 0.6 * wide / freq
                    bell *= bell  # -3 dB at half a bandwidth from the center
                    turns = STEP * signed(load(block.turn, lane))
                    cycles = freq / rate
                    tone = (1.0 - share) * weight(low, cycles) * cosine(low * turns)
                    tone += share * weight(low + 1.0, cycles) * cosine((low + 1.0) * turns)
                    # The fourth root keeps the power constant for any number of harmonics under the bell.
                    loud = 0.5 * level * np.sqrt(np.sqrt(1.0 + 12.566 * bell))
                    tone *= loud * exp(bell * (cosine(turns) - 1.0))
                    store(out, i, load(out, i) + tone)
            for lane in range(lanes):
                i = frame * lanes + lane
                turn = load(block.turn, lane)
                steps = increment(clamp(load(block.freq, i), 10.0, 4000.0), rate)
                store(block.turn, lane, advance(turn, steps))
