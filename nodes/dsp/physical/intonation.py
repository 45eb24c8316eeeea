"""The ear of a player: it hears how far the sound is from the note, and moves the instrument to it.

What blows and bows sounds where its whole loop agrees, and that shifts with the breath, the lips and
the force, as with real ones; so real players correct themselves all the time, and so does this. It
follows the note that is asked for, vibrato included, and corrects only what the instrument adds to it.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import STEP, advance, increment, signed

HASTE = 18.0
"""Part of an error that is corrected, each second."""


@helper
def heard(phase, mark, before, now, steps):
    """Mark for the next time and error in turns, late is above 0, where the sound rises through zero.

    phase    of the octave below the note asked for, which moves by `steps` a frame
    mark     that phase at the crossing before; where half a turn lies between them it is in tune
    before, now   the sound, low-passed

    Crossings too early for a period are those of partials and of noise. Errors add up to the phase, so
    no jitter stays; one that is too large is that of another note, or the first of this one.
    """
    rise = now - before
    here = advance(phase, -steps * (now / rise if rise > 1e-12 else np.float32(0.0)))
    turns = 2.0 * (STEP * signed(np.uint32(here - mark)))
    turns = turns if turns >= 0.0 else turns + 2.0
    crossed = (before < 0.0) & (now >= 0.0) & (turns > 0.6)
    error = turns - 1.0
    return here if crossed else mark, error if crossed & (abs(error) < 0.2) else np.float32(0.0)


@helper
def corrected(pull, error, freq, most):
    """The next part of the delay that is added to it, `most` at most.

    Jitter is large in high notes, where it must not be cut, or what is left of it adds up; in low ones
    an error that is large is that of a tone which is about to begin.
    """
    bound = clamp(0.0003 * freq, 0.01, 0.2)
    return clamp(pull - clamp(HASTE / freq, 0.008, 0.1) * clamp(error, -bound, bound), -most, most)


@helper
def listen(phase, mark, tone, pull, lane, sound, freq, most, sample_rate):
    """Hears a frame of a lane and corrects `pull`, of which all four are states."""
    steps = increment(0.5 * freq, sample_rate)
    now = advance(load(phase, lane), steps)
    following, error = heard(now, load(mark, lane), load(tone, lane), sound, steps)
    store(phase, lane, now)
    store(mark, lane, following)
    store(tone, lane, sound)
    store(pull, lane, corrected(load(pull, lane), error, freq, np.float32(most)))
