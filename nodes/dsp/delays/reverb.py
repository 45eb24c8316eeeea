"""Parts of a reverb: a feedback delay network of eight lines, and parallel combs."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from nodes.dsp.delays.delay_line import line_length
from nodes.dsp.delays.fractional import listen, new_line, past
from nodes.dsp.math.functions import clamp, exp2, wave

UNITY = 0.35355339059327373
"""1 / sqrt(8): with it a Hadamard matrix of eight loses nothing and adds nothing."""

OCTAVES = 9.965784284662087
"""60 dB as a power of two."""

RUN = 64
"""Most frames that a reverb computes at once."""

SWAY_RUN = 16
"""Frames of a run with swaying lines. Blocks are multiples of it, so their size does not move its ends."""

LINES = (0.0459, 0.0404, 0.0320, 0.0234, 0.0781, 0.0638, 0.0287, 0.0523)
"""Seconds of the eight lines of the largest room. These and the two below are the best of about a thousand random
sets: whitest autocorrelation of the tail (no ringing or flutter), fastest growth of echo density."""

INNER = (0.0086, 0.0141, 0.0102, 0.0053, 0.0120, 0.0073, 0.0045, 0.0062)
"""Seconds of the all-pass before each line."""

INPUT = (0.0070, 0.0065, 0.0028, 0.0027, 0.0036, 0.0040, 0.0052, 0.0057)
"""Seconds of the four input diffusers, alternating left and right."""

SWAY = 0.00018
"""Modulation depth of the lines in seconds, about a cent: no mode lasts long enough to ring metallically."""


COMBS, ALLPASSES = 8, 4
"""Filters per side of `parallel_combs`."""

COMB = (0.02531, 0.02694, 0.02896, 0.03075, 0.03224, 0.03381, 0.03531, 0.03667)
"""Seconds of the left combs, as in Freeverb; those on the right are longer by `ASIDE`."""

ALLPASS = (0.0075, 0.0053, 0.0036, 0.0024)
"""Seconds of the all-passes after the combs. Freeverb's are twice as long: at frequencies where all their delays
peak, sound arrives 0.1 s late and, in a short room, 9 dB above the rest."""

ASIDE = 0.00045


def next_prime(samples: float) -> int:
    """[control] Smallest prime from `samples` up; delays without a common divisor never coincide."""
    count = max(2, int(np.ceil(samples)))
    while any(count % divisor == 0 for divisor in range(2, int(count**0.5) + 1)):
        count += 1
    return count


def geometry(rate: float) -> dict[str, Any]:
    """[control] States of a silent room at a sample rate: lengths in samples, and the memory for them."""
    lines, inner, diffuser = ([next_prime(s * rate) for s in table] for table in (LINES, INNER, INPUT))
    turns = 2 * np.pi * np.arange(8) / 8
    return {
        "length": lines,
        "inner_length": inner,
        "diffuser_length": diffuser,
        "sway": SWAY * rate * np.array([np.cos(turns), np.sin(turns)]),
        "line": new_line(8, max(lines) + SWAY * rate),
        "inner": np.zeros((8, line_length(max(inner))), np.float32),
        "diffuser": np.zeros((8, line_length(max(diffuser))), np.float32),
        "before": np.zeros((2, line_length(0.5 * rate + 1)), np.float32),
    }


def parallel_combs(rate: float) -> dict[str, Any]:
    """[control] States of silent parallel combs and of the all-passes after them, left then right."""
    combs, allpasses = (
        [next_prime((s + more) * rate) for more in (0.0, ASIDE) for s in table] for table in (COMB, ALLPASS)
    )
    return {
        "length": combs,
        "diffuser_length": allpasses,
        "line": new_line(len(combs), max(combs)),
        "diffuser": np.zeros((len(allpasses), line_length(max(allpasses))), np.float32),
    }


@inline
def follow(now, goal, first, last, part):
    """Moves rows `first` up to `last` of `now` a fraction of the way to their goals; stepped gains would click."""
    for row in range(first, last):
        for i in range(now.shape[1]):
            now[row, i] += part * (goal[row, i] - now[row, i])


@inline
def spread(room):
    """Diffusion of the inner all-passes and extra modulation of the lines, by room size.

    A small room has few modes, and an all-pass crowds them where its delay is longest, so some frequencies ring.
    Less diffusion spreads the modes and more modulation blurs them. From size 0.6 up there are enough modes.
    """
    small = clamp(1.2 - 2.0 * room, 0.0, 1.0)
    return 0.55 - 0.5 * small, 1.0 + 1.5 * small


@inline
def heard(line, row, write, delay, sway, kept):
    """A line at a swaying delay. While frozen (`kept` 1) it stands on a whole sample, where nothing is lost."""
    value = np.float32(0.0)
    if kept < 1.0:
        value = (1.0 - kept) * listen(line, row, write, delay + sway)
    if kept > 0.0:
        value += kept * past(line, row, write, np.int64(np.rint(delay)))
    return value


@inline
def few(decay, delay, most):
    """Diffusion of the all-passes before or after the loops; `most` for a long decay.

    An all-pass delays some frequencies by (1 + g) / (1 - g) of its length. In a room with as short a decay, the
    late frequencies are the loud ones and stand out of the tail as ringing. At a decay of `delay` the diffusion is
    0.5.
    """
    return min(decay / (decay + delay), most)


@inline
def lost(length, decay):
    """Gain of a delay of `length` in a sound with decay time (T60) `decay`."""
    return exp2(-OCTAVES / decay * length)


@inline
def damping_pole(loop, damping):
    """Pole of the one-pole low-pass in a loop with power gain `loop`: power 1 at 0 Hz, and `loop` at `damping`.

    `damping` is a fraction of the sample rate. If it is too high for the sample rate, the filter matches the analog
    low-pass at a lower frequency.
    """
    met = min(damping, 0.45)
    down = (met / damping) * (met / damping)
    left = loop / (loop + down * (1.0 - loop))
    b = (1.0 - left * wave(0.25 - met)) / (1.0 - left)
    return 1.0 / (b + np.sqrt(b * b - 1.0))


@inline
def lose(decay, damping, size, outer, inner, keep, gain, pole):
    """Sets the gains of each loop for a decay time (T60) of `decay` frames; returns their mean power.

    Every delay loses in proportion to its length, so all modes decay at the same rate; at `damping`, a fraction of
    the sample rate, the decay time is half (Jot and Chaigne 1991).
    """
    power = np.float32(0.0)
    for i in range(8):
        keep[i] = lost(np.float32(inner[i]), decay)
        line = lost(size * outer[i], decay)
        loop = line * keep[i] * line * keep[i]
        pole[i] = damping_pole(loop, damping)
        gain[i] = UNITY * line * (1.0 - pole[i])
        power += 0.125 * loop
    return power
