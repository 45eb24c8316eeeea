from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.drive.oversample import PAST, interpolating, rise
from nodes.dsp.envelopes.dynamics import per_frame
from nodes.dsp.math.functions import clamp, decibels, ratio

TAPS = 96
"""Interpolation taps. With 48, white noise peaks 1 dB above the ceiling; 512 would save 0.2 dB of the margin."""

AHEAD = TAPS // 2
"""Latency of the interpolation in frames."""

MARGIN, NOISY = 0.988, 0.84
"""0.1 dB, and up to 1.5 dB for treble near Nyquist, which a moving gain changes most; white noise needs all of it."""

DOUBT, FADE = 2.5, 0.98
"""Weight of that treble in the peak level, and its decay per frame: as long as the interpolation."""


class Limiter(Node, family="Dynamics"):
    """True-peak look-ahead limiter: the output never exceeds the ceiling, even between samples.

    Peaks are detected at four times the sample rate, as a converter reconstructs them (ITU-R BS.1770-5, annex 2).
    The gain is the minimum over the look-ahead window, smoothed by two running means that together span the window.
    It is down when the peak arrives and has no corners, so it neither clicks nor misses a peak. A tone up to
    0.45 of the sample rate (21 kHz at 48 kHz) reaches the ceiling within 0.2 dB; treble above that is held up to 1.5 dB
    lower. All channels share one gain.
    """

    audio = In(doc="Signal to limit.")
    ceiling = In(-1, "dB", -40, 0, ramp=0.02, doc="Maximum true peak level.")
    release = In(0.1, "s", 0.001, 5, curve="log", doc="Time constant of gain recovery.")
    lookahead = Option(0.003, "s", min=0.001, max=0.02, doc="Time for the gain to come down.")
    out = Out(doc="Limited signal; latency 240 frames at 48 kHz: `lookahead` and 96.")
    reduction = Out("dB", channels=1, doc="Gain reduction, aligned with `out`; 6 dB means half the amplitude.")
    up = State(ndim=2)
    heard = State(ndim=2)
    planes = State(ndim=3)
    line = State(ndim=2)
    roof = State(ndim=2, doc="Ceiling, delayed with the signal.")
    window = State((1,), np.int64, doc="Length of each mean in frames.")
    at = State((1,), np.int64)
    treble = State(doc="Level near Nyquist.")
    low = State(ndim=2, doc="Increasing gains in the window that no later gain undercuts.")
    when = State(ndim=2, dtype=np.int64, doc="Frames of those gains.")
    ends = State(ndim=2, dtype=np.int64, doc="First and last of those gains.")
    back = State(initial=1, doc="Gain after the release.")
    means = State(ndim=3, doc="Inputs of both means.")
    sums = State(ndim=2, dtype=np.float64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        window = max(2, round(0.5 * self.options["lookahead"] * setup.sample_rate))
        length = 1 << int(np.ceil(np.log2(2 * window + TAPS + AHEAD + 2)))
        lanes = setup.lanes
        return {
            **interpolating(4, setup, TAPS),
            "line": np.zeros((length, lanes), np.float32),
            "roof": np.zeros((length, setup.voices), np.float32),
            "low": np.ones((length, lanes), np.float32),
            "when": np.full((length, lanes), -1 << 40),
            "ends": np.zeros((2, lanes), np.int64),
            "window": [window],
            "means": np.ones((2, window, lanes), np.float32),
            "sums": np.full((2, lanes), float(window)),
        }

    @kernel
    def process(block):
        voices, channels, lanes, planes, line = block.voices, block.channels, block.lanes, block.planes, block.line
        low, when, ends, means, sums = block.low, block.when, block.ends, block.means, block.sums
        window, at, mask = block.window[0], block.at[0], line.shape[0] - 1
        span, bands = 2 * window + TAPS, planes.shape[0] - 1
        rise(block.audio, block.heard, block.up, planes, block.frames, lanes)
        for frame in range(block.frames):
            for voice in range(voices):
                ceiling = block.roof[at & mask, voice] = ratio(clamp(block.ceiling[frame, voice], -40.0, 0.0))
                peak = np.float32(1e-9)
                treble = FADE * block.treble[voice]
                for channel in range(channels):
                    lane = channel * voices + voice
                    line[at & mask, lane] = block.audio[frame, lane]
                    peak = max(peak, abs(line[(at - AHEAD) & mask, lane]))
                    for plane in range(bands):
                        peak = max(peak, abs(planes[plane, PAST + frame, lane]))
                    treble = max(treble, abs(planes[bands, PAST + frame, lane]))
                block.treble[voice] = treble
                peak = min(peak * (MARGIN / NOISY), peak + DOUBT * treble)
                asked = min(np.float32(1.0), MARGIN * ceiling / peak)
                first, last = ends[0, voice], ends[1, voice]
                while last > first and low[(last - 1) & mask, voice] >= asked:
                    last -= 1
                low[last & mask, voice] = asked
                when[last & mask, voice] = at
                last += 1
                while when[first & mask, voice] <= at - span:
                    first += 1
                ends[0, voice], ends[1, voice] = first, last
                least = low[first & mask, voice]
                part = per_frame(clamp(block.release[frame, voice], 0.001, 5.0), block.sample_rate)
                block.back[voice] = min(least, block.back[voice] + (1.0 - block.back[voice]) * part)
                gain = block.back[voice]
                for mean in range(2):
                    place = at % window
                    sums[mean, voice] += np.float64(gain) - np.float64(means[mean, place, voice])
                    means[mean, place, voice] = gain
                    gain = np.float32(sums[mean, voice] / window)
                block.reduction[frame, voice] = -decibels(clamp(gain, 1e-6, 1.0))
                ceiling = block.roof[(at - 2 * window - AHEAD) & mask, voice]
                for channel in range(channels):
                    lane = channel * voices + voice
                    late = line[(at - 2 * window - 2 * AHEAD) & mask, lane]
                    block.out[frame, lane] = clamp(gain * late, -ceiling, ceiling)
            at += 1
        block.at[0] = at
