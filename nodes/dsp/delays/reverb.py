"""Parts of a reverb that is a feedback delay network of eight lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import helper
from nodes.dsp.delays.delay_line import line_length, wrap
from nodes.dsp.delays.fractional import listen, new_line, past
from nodes.dsp.math.functions import clamp, exp2, wave

UNITY = 0.35355339059327373
"""1 / sqrt(8): with it a Hadamard matrix of eight loses nothing and adds nothing."""

OCTAVES = 9.965784284662087
"""60 dB as a power of two."""

LINES = (0.0459, 0.0404, 0.0320, 0.0234, 0.0781, 0.0638, 0.0287, 0.0523)
"""Seconds of the eight lines of the largest room. These and the two below are the best of some thousand random
sets: whitest autocorrelation of the tail (nothing rings or flutters), fastest growth of echo density."""

INNER = (0.0086, 0.0141, 0.0102, 0.0053, 0.0120, 0.0073, 0.0045, 0.0062)
"""Seconds of the allpass before each line."""

INPUT = (0.0070, 0.0065, 0.0028, 0.0027, 0.0036, 0.0040, 0.0052, 0.0057)
"""Seconds of the four input diffusers, left and right in turn."""

SWAY = 0.00018
"""Seconds by which the lines sway, a cent or so: no mode stands long enough to ring like metal."""


COMBS, ALLPASSES = 8, 4
"""Of each side of `parallel_combs`."""

COMB = (0.02531, 0.02694, 0.02896, 0.03075, 0.03224, 0.03381, 0.03531, 0.03667)
"""Seconds of the combs of the left side, those of Freeverb; the right side's are longer by `ASIDE`."""

ALLPASS = (0.0075, 0.0053, 0.0036, 0.0024)
"""Seconds of the allpasses behind them. Freeverb's are twice as long: where their delays are longest together, a
sound comes 0.1 s later than elsewhere, and in a short room stands 9 dB above it."""

ASIDE = 0.00045


def next_prime(samples: float) -> int:
    """[control] The smallest prime from `samples` up: delays without a common divisor never fall in step."""
    count = max(2, int(np.ceil(samples)))
    while any(count % divisor == 0 for divisor in range(2, int(count**0.5) + 1)):
        count += 1
    return count


def geometry(rate: float) -> dict[str, Any]:
    """[control] The states of a silent room at a sample rate: lengths in samples, and the memory for them."""
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
    """[control] The states of silent parallel combs and of the allpasses behind them, left then right."""
    combs, allpasses = (
        [next_prime((s + more) * rate) for more in (0.0, ASIDE) for s in table] for table in (COMB, ALLPASS)
    )
    return {
        "length": combs,
        "diffuser_length": allpasses,
        "line": np.zeros((len(combs), line_length(max(combs))), np.float32),
        "diffuser": np.zeros((len(allpasses), line_length(max(allpasses))), np.float32),
    }


@helper
def diffuse(line, row, write, length, x, amount, keep):
    """A Schroeder allpass: as loud at every frequency, but an echo becomes many.

    `keep` is what its delay leaves of the sound: in a loop every delay has to lose its share, or
    the allpass rings on after the room is silent.
    """
    held = keep * line[row, wrap(line, write - length)]
    x = x - amount * held
    line[row, wrap(line, write)] = x
    return held + amount * x


@helper
def follow(now, goal, first, last, part):
    """Lets the rows `first` up to `last` of `now` go a part of the way to their goals: gains that jump would click."""
    for row in range(first, last):
        for i in range(now.shape[1]):
            now[row, i] += part * (goal[row, i] - now[row, i])


@helper
def spread(room):
    """How much the inner allpasses diffuse and by how much more the lines sway, by the size of the room.

    A small room has few modes, and an allpass crowds them where it delays most, so that some places ring:
    less of it spreads them, more sway blurs them. From 0.6 up there are enough.
    """
    small = clamp(1.2 - 2.0 * room, 0.0, 1.0)
    return 0.55 - 0.5 * small, 1.0 + 1.5 * small


@helper
def heard(line, row, write, delay, sway, kept):
    """A line at a swaying delay. While frozen (`kept` 1) it stands on a whole sample, where nothing is lost."""
    value = np.float32(0.0)
    if kept < 1.0:
        value = (1.0 - kept) * listen(line, row, write, delay + sway)
    if kept > 0.0:
        value += kept * past(line, row, write, np.int64(np.rint(delay)))
    return value


@helper
def few(decay, delay, most):
    """How much the allpasses before or behind the loops diffuse, `most` in a long decay.

    An allpass holds some frequencies back by (1 + g) / (1 - g) of its delay. In a room that is as short as
    that, the late is the loud: they stand out of the tail as if they rang. `delay` is where it halves.
    """
    return min(decay / (decay + delay), most)


@helper
def hadamard(x, y):
    """Mixes the 8 values of x into y, each as loud in all of y; `lose` takes off the sqrt(8)."""
    a, b, c, d = x[0] + x[1], x[0] - x[1], x[2] + x[3], x[2] - x[3]
    e, f, g, h = x[4] + x[5], x[4] - x[5], x[6] + x[7], x[6] - x[7]
    a, b, c, d = a + c, b + d, a - c, b - d
    e, f, g, h = e + g, f + h, e - g, f - h
    y[0], y[1], y[2], y[3] = a + e, b + f, c + g, d + h
    y[4], y[5], y[6], y[7] = a - e, b - f, c - g, d - h


@helper
def lost(length, decay):
    """What a delay of `length` leaves of a sound that falls by 60 dB in `decay`."""
    return exp2(-OCTAVES / decay * length)


@helper
def damping_pole(loop, damping):
    """The one-pole low-pass of a loop with the power `loop`: 1 at 0 Hz, and again `loop` at `damping`.

    `damping` is a part of the sample rate. One that the sample rate cannot hold is met by what the
    analogue low-pass would leave further down.
    """
    met = min(damping, 0.45)
    down = (met / damping) * (met / damping)
    left = loop / (loop + down * (1.0 - loop))
    b = (1.0 - left * wave(0.25 - met)) / (1.0 - left)
    return 1.0 / (b + np.sqrt(b * b - 1.0))


@helper
def lose(decay, damping, size, outer, inner, keep, gain, pole):
    """Sets what each loop keeps so that all fall by 60 dB in `decay` frames; returns their mean power.

    Every delay loses in proportion to its length, and so every mode as fast as the others;
    at `damping`, a frequency over the sample rate, in half the time (Jot and Chaigne 1991).
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
