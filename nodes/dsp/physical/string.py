"""Digital waveguide string: a delay line in a loop with loss and dispersion filters.

One period is divided between the delay line, the loss filter and the stiffness all-passes, whose phases at the
fundamental are known exactly; the line gets the remainder as a fractional delay. The pitch is exact whatever the other
controls are. Julius O. Smith: "Physical Audio Signal Processing", 2010.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp, exp2, log2
from nodes.dsp.physical.percussion import settled


@inline
def stages_at(sample_rate):
    """Number of stiffness all-passes; at low rates a period has room for only one."""
    return 4 if sample_rate >= 32_000.0 else 1


@inline
def reach(stages, sample_rate):
    """Highest pitch of a string."""
    return sample_rate / (np.float32(stages) + 6.0)


@inline(double=True)
def spread(freq, stiffness, stages, sample_rate):
    """DC delay of each of the all-passes that stretch partial n to n sqrt(1 + stiffness n^2).

    Exact at one partial, the eighth if there are that many, by bisection. The all-passes may take at most a third of
    the period, so the stiffest of the lowest strings are slightly less stiff than requested.
    """
    turn = 2.0 * np.pi * freq / sample_rate
    n = min(max(np.floor(1.2 / turn), 2.0), 8.0)
    stretch = np.sqrt((1.0 + stiffness * n * n) / (1.0 + stiffness))
    first, nth = np.tan(0.5 * turn), np.tan(min(0.5 * turn * n * stretch, 1.5))
    wanted = np.pi * n * (stretch - 1.0) / stages
    low, high = 1.0, max(0.33 * sample_rate / (freq * stages), 1.0)
    for _ in range(18):
        delay = 0.5 * (low + high)
        enough = n * stretch * np.arctan(delay * first) - np.arctan(delay * nth) > wanted
        low, high = (low, delay) if enough else (delay, high)
    return high if stiffness > 0.0 else 1.0


@inline(double=True)
def lagrange(part, turn):
    """Phase lag and magnitude at the angle `turn` of the cubic interpolator that reads `part` of a sample later."""
    outer = part * (part - 1.0) / 6.0
    inner = (part + 1.0) * (part - 2.0) / 2.0
    after = -outer * (part - 2.0)
    last = outer * (part + 1.0)
    here = inner * (part - 1.0)
    before = -inner * part
    real = here + (after + before) * np.cos(turn) + last * np.cos(2.0 * turn)
    imaginary = (after - before) * np.sin(turn) - last * np.sin(2.0 * turn)
    return -np.arctan2(imaginary, real), np.sqrt(real * real + imaginary * imaginary)


@inline(double=True)
def quintic(part, turn):
    """Fifth-order `lagrange`; its loss at a tenth of the sample rate is a fifteenth of the cubic's."""
    left, middle, right = (part + 2.0) * (part + 1.0), part * (part - 1.0), (part - 2.0) * (part - 3.0)
    far = -(part + 1.0) * middle * right / 120.0
    after = (part + 2.0) * middle * right / 24.0
    here = -(part - 1.0) * left * right / 12.0
    before = part * left * right / 12.0
    second = -(part - 3.0) * left * middle / 24.0
    last = (part - 2.0) * left * middle / 120.0
    real = here + (after + before) * np.cos(turn) + (far + second) * np.cos(2.0 * turn) + last * np.cos(3.0 * turn)
    imaginary = (after - before) * np.sin(turn) + (far - second) * np.sin(2.0 * turn) - last * np.sin(3.0 * turn)
    return -np.arctan2(imaginary, real), np.sqrt(real * real + imaginary * imaginary)


@inline(double=True)
def string(freq, decay, corner, stiffness, stages, sample_rate, fine=False):
    """Delay in samples, loop gain, and the coefficients of loss and stiffness.

    freq        frequency of the first partial
    decay       its decay time (T60) in seconds
    corner      cutoff in Hz of the low-pass applied once per period
    stiffness   inharmonicity B of the partials: 0.0001 for a guitar, 0.0004 for the middle of a piano
    fine        for a line read by `read_at`, whose delay is at least 3
    """
    freq = float(freq)
    sample_rate = float(sample_rate)
    turn = 2.0 * np.pi * freq / sample_rate
    half = np.tan(0.5 * turn)
    once = 10.0 ** (-3.0 / (freq * float(decay)))
    most = 10.0 ** (-3.0 / (freq * 60.0))
    wanted = np.tan(np.pi * min(float(corner), 0.45 * sample_rate) / sample_rate)
    each = spread(freq, float(stiffness), float(stages), sample_rate)
    stiff = 2.0 * np.pi - 2.0 * stages * np.arctan(each * half)
    magnitude = 1.0
    bound = wanted
    delay = stiff / turn
    for _ in range(8):
        # Compensate the loss of low-pass and line at the fundamental, but only as far as DC still decays.
        bound = max(wanted, half / np.sqrt(max((most * magnitude / once) ** 2 - 1.0, 1e-9)))
        phase = stiff - np.arctan(half / bound)
        whole = np.floor(delay)
        lag, magnitude = quintic(delay - whole, turn) if fine else lagrange(delay - whole, turn)
        delay += (phase - whole * turn - lag) / turn
    gain = once / (magnitude / np.sqrt(1.0 + half * half / (bound * bound)))
    gain = gain if gain < most else most
    return (
        np.float32(delay),
        np.float32(gain * bound / (1.0 + bound)),
        np.float32((bound - 1.0) / (1.0 + bound)),
        np.float32((1.0 - each) / (1.0 + each)),
    )


@inline
def row(line, lane, at):
    """Index in the flat line for the running index `at` (no lower than minus the length): all lanes of a sample, then
    the next."""
    place = np.uint32(at + line.shape[0]) & np.uint32(line.shape[0] - 1)
    return np.uint32(place) * np.uint32(line.shape[1]) + lane


@inline
def around(line, lane, at, delay):
    """Fractional part of `delay`, and the four samples around that position."""
    whole = np.int64(delay)
    return (
        delay - np.float32(whole),
        load(line, row(line, lane, at - whole + 1)),
        load(line, row(line, lane, at - whole)),
        load(line, row(line, lane, at - whole - 1)),
        load(line, row(line, lane, at - whole - 2)),
    )


@inline
def read(line, lane, at, delay):
    """Sample `delay` (at least 2) before the index `at`, by cubic Lagrange interpolation."""
    x, after, here, before, last = around(line, lane, at, delay)
    outer = x * (x - 1.0) * 0.16666667
    inner = (x + 1.0) * (x - 2.0) * 0.5
    return outer * ((x + 1.0) * last - (x - 2.0) * after) + inner * ((x - 1.0) * here - x * before)


@inline
def read_smooth(line, lane, at, delay):
    """Sample `delay` (at least 2) before the index `at`, by a cubic B-spline.

    It attenuates content near half the sample rate (by 8 dB and more at 20 kHz and 48 kHz sample rate), and with it the
    images that a moving delay would alias into the audible range.
    """
    x, after, here, before, last = around(line, lane, at, delay)
    y = 1.0 - x
    near, far = y * y, x * x
    ends = near * y * after + far * x * last
    return 0.16666667 * (ends + (4.0 - far * (6.0 - 3.0 * x)) * here + (4.0 - near * (6.0 - 3.0 * y)) * before)


@inline
def read_at(line, lane, at, delay):
    """Sample `delay` (at least 3) before the index `at`, by fifth-order Lagrange interpolation."""
    whole = np.int64(delay)
    x = delay - np.float32(whole)
    far = load(line, row(line, lane, at - whole + 2))
    after = load(line, row(line, lane, at - whole + 1))
    here = load(line, row(line, lane, at - whole))
    before = load(line, row(line, lane, at - whole - 1))
    second = load(line, row(line, lane, at - whole - 2))
    last = load(line, row(line, lane, at - whole - 3))
    left, middle, right = (x + 2.0) * (x + 1.0), x * (x - 1.0), (x - 2.0) * (x - 3.0)
    ends = middle * right * (0.041666667 * (x + 2.0) * after - 0.0083333333 * (x + 1.0) * far)
    inner = left * right * 0.083333333 * (x * before - (x - 1.0) * here)
    return ends + inner + left * middle * (0.0083333333 * (x - 2.0) * last - 0.041666667 * (x - 3.0) * second)


@inline
def slew(delay, target, lane, part):
    """Delay of a lane, moved toward its target by the fraction `part`."""
    now = load(delay, lane)
    now += part * (load(target, lane) - now)
    store(delay, lane, now)
    return now


@inline
def bounded(wave):
    """Wave limited to -4 .. 4, and 0 below -160 dB."""
    return clamp(wave, -4.0, 4.0) if abs(wave) > 1e-8 else np.float32(0.0)


@inline
def disperse(chain, bend, stages, lanes, lane, wave):
    """Wave after the all-passes of one string, at most four; `chain` holds four rows of lanes.

    Unneeded stages pass the wave unchanged: a branch would not vectorize.
    """
    for stage in range(4):
        needed = np.float32(1.0) if stage < stages else np.float32(0.0)
        part = needed * bend
        moved = (1.0 - needed) * wave + part * wave + load(chain, stage * lanes + lane)
        store(chain, stage * lanes + lane, settled(needed * wave - part * moved))
        wave = moved
    return wave


@inline
def felt(freq, seconds, release):
    """Gain per period that shortens a decay of `seconds` to `release`; at most 1.

    It damps all partials alike: a filter that changed with the gate would shift the pitch too.
    """
    more = 1.0 / clamp(release, 0.01, 60.0) - 1.0 / clamp(seconds, 0.01, 60.0)
    return exp2(-9.965784284662087 * max(more, np.float32(0.0)) / freq)


@inline
def inharmonicity(freq):
    """B of a grand piano's strings: wound strings are stiff because they are thick, treble strings because they are
    short.

    Conklin: "Design and tone in the mechanoacoustic piano", part III, JASA 1996.
    """
    up = freq * 0.0045454545
    return 0.00021 * up * np.sqrt(up) + 0.000032 / np.sqrt(up) / (0.15 + up)


@inline
def contact(freq, velocity, hardness):
    """Contact time of hammer and string in seconds: 4 ms in the bass, 1 ms in the treble, shorter for fast strikes.

    Askenfelt, Jansson: "From touch to string vibrations", part III, JASA 1993.
    """
    seconds = 0.0023 * exp2(-0.4 * log2(freq * 0.0038168)) * (1.35 - 0.75 * velocity) * (1.5 - hardness)
    most = 0.8 / freq
    return seconds if seconds < most else most
