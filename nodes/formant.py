from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Option, Out, Setup, State, inline, kernel
from graph.native import load
from nodes.dsp.math.functions import clamp, cosine, exp
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.harmonics import weight
from nodes.dsp.oscillators.oscillator import Oscillator, pitch, play_smooth, restarts
from nodes.dsp.singing.singers import SINGERS, table

VOWELS = 5
FORMANTS = 5


class Formant(Oscillator):
    """Formant oscillator for sung vowels: five formants that stay fixed while the pitch moves.

    Each formant is a crossfaded pair of its nearest harmonics, times a pulse at the pitch whose spectrum is a bell
    of the formant's bandwidth: modified frequency modulation. It needs no filters and no clean source pulse and
    does not ring after a note. The bells fall off quickly, so there is little aliasing. A formant below the pitch
    moves up to the pitch. Each further voice starts at its own phase.
    Lazzarini and Timoney, "Theory and practice of modified frequency modulation synthesis", 2010.
    """

    freq = pitch(110)
    vowel = In(0, "", 0, 4, ramp=0.03, doc="Vowel: 0 a, 1 e, 2 i, 3 o, 4 u; fractions interpolate.")
    shift = In(1, "", 0.5, 2, curve="log", ramp=0.03, doc="Factor for all formant frequencies; 1.2 is a smaller head.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="Sung vowel, about -1 .. 1.")
    singer = Option("tenor", choices=tuple(SINGERS), doc="Voice type that sets the formants.")
    turn = State(dtype=np.uint32, doc="Phase; 2**32 steps per cycle.")
    formants = State(shape=VOWELS * 3 * FORMANTS, doc="Five frequencies, five amplitudes, five bandwidths per vowel.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        parts = table(self.singer).reshape(VOWELS, FORMANTS, 3).transpose(0, 2, 1)
        hertz, levels, widths = 2.0 ** parts[:, 0], 10.0 ** (parts[:, 1] / 20), 2.0 ** parts[:, 2]
        return {**super().prepare(setup), "formants": np.stack([hertz, levels, widths], axis=1).ravel()}

    @kernel
    def process(block):
        play_smooth(block, 0, np.float32(1.0), tone)


@inline
def tone(block, i, lane, turn, steps):
    turns, cycles = STEP * signed(turn), STEP * steps
    freq = cycles * block.sample_rate
    freq = freq if freq > 10.0 else np.float32(10.0)
    shift = clamp(load(block.shift, i), 0.5, 2.0)
    place = clamp(load(block.vowel, i), 0.0, 4.0)
    vowel = np.int64(place)
    vowel = vowel if vowel < VOWELS - 1 else VOWELS - 2
    between = place - np.float32(vowel)
    total = np.float32(0.0)
    for formant in range(FORMANTS):
        at = vowel * (3 * FORMANTS) + formant
        number = shift * interpolated(block.formants, at, between) / freq
        number = number if number > 1.0 else 1.0
        low = np.floor(number)
        share = number - low
        bell = 0.6 * shift * interpolated(block.formants, at + 2 * FORMANTS, between) / freq
        bell *= bell  # -3 dB at half a bandwidth from the center
        pair = (1.0 - share) * weight(low, cycles) * cosine(low * turns)
        pair += share * weight(low + 1.0, cycles) * cosine((low + 1.0) * turns)
        # The fourth root keeps the power constant for any number of harmonics under the bell.
        loud = 0.5 * interpolated(block.formants, at + FORMANTS, between) * np.sqrt(np.sqrt(1.0 + 12.566 * bell))
        total += pair * loud * exp(bell * (cosine(turns) - 1.0))
    return total


@inline
def interpolated(formants, at, between):
    """[audio] A row of the table between two vowels."""
    here = load(formants, at)
    return here + between * (load(formants, at + 3 * FORMANTS) - here)
