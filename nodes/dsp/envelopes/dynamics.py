"""Levels over time, and the lines that let a gain be there before the peak that asked for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, helper
from nodes.dsp.math.functions import exp2

PAIR = 0.46594
"""Time constant of each of two equal one-pole smoothings in series that together reach 63 % in a time of 1."""


def ahead(seconds: float, setup: Setup) -> dict[str, Any]:
    """[control] The states `line` and `delay` of a node that looks so far ahead."""
    delay = round(seconds * setup.sample_rate)
    length = 1 << int(np.ceil(np.log2(delay + 1)))
    return {"line": np.zeros((length, setup.lanes), np.float32), "delay": [delay]}


@helper
def per_frame(seconds, sample_rate):
    """How much of the way a one-pole smoothing with this time constant goes in a frame; all of it for 0 s."""
    frames = seconds * sample_rate
    return 1.0 - exp2(-1.442695 / (frames if frames > 0.03 else 0.03))


@helper
def loudest(signal, frame, voice, voices, channels):
    """The largest magnitude among the channels of a voice: they share one gain, so that nothing moves sideways."""
    level = np.float32(0.0)
    for channel in range(channels):
        level = max(level, abs(signal[frame, channel * voices + voice]))
    return level


@helper
def turned(line, at, delay, lane, audio):
    """Takes a sample into the line at the running index `at`, and gives the one from `delay` frames before."""
    mask = np.uint64(line.shape[0] - 1)
    line[np.uint64(at) & mask, lane] = audio
    return line[np.uint64(at - delay + line.shape[0]) & mask, lane]
