"""Pitch tracking for wind and bowed models: measures the deviation from the note and corrects the delay.

These models sound where the phase of the whole loop is right, which shifts with breath, lips and force, as in real
instruments. Players correct that continuously, and so does this. It follows the requested pitch, vibrato included, and
corrects only the deviation that the instrument adds.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import STEP, advance, increment, signed

HASTE = 18.0
"""Fraction of an error that is corrected per second."""


@inline
def heard(phase, mark, before, now, steps):
    """New mark and phase error in cycles (positive is late) at an upward zero crossing.

    phase    phase an octave below the requested pitch, which advances by `steps` per frame
    mark     that phase at the previous crossing; half a cycle between two crossings is in tune
    before, now   previous and current sample of the tone

    Crossings too early for a period come from partials and noise. Errors sum to the phase, so jitter does not
    accumulate; a large error belongs to another note, or is the first of this one.
    """
    rise = now - before
    here = advance(phase, -steps * (now / rise if rise > 1e-12 else np.float32(0.0)))
    turns = 2.0 * (STEP * signed(np.uint32(here - mark)))
    turns = turns if turns >= 0.0 else turns + 2.0
    crossed = (before < 0.0) & (now >= 0.0) & (turns > 0.6)
    error = turns - 1.0
    return here if crossed else mark, error if crossed & (abs(error) < 0.2) else np.float32(0.0)


@inline
def corrected(pull, error, freq, most):
    """Next delay correction, within +-`most`.

    Jitter is large in high notes, where clipping it would bias the sum; in low notes a large error comes from a tone
    that is still building up.
    """
    bound = clamp(0.0003 * freq, 0.01, 0.2)
    return clamp(pull - clamp(HASTE / freq, 0.008, 0.1) * clamp(error, -bound, bound), -most, most)


@inline
def listen(phase, mark, tone, pull, lane, sound, freq, most, sample_rate):
    """Tracks one frame of a lane and updates `pull`; the first four arguments are states."""
    steps = increment(0.5 * freq, sample_rate)
    now = advance(load(phase, lane), steps)
    following, error = heard(now, load(mark, lane), load(tone, lane), sound, steps)
    store(phase, lane, now)
    store(mark, lane, following)
    store(tone, lane, sound)
    store(pull, lane, corrected(load(pull, lane), error, freq, np.float32(most)))
