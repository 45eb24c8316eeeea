"""Level detection, and look-ahead delay lines that let the gain move before the peak."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, inline
from nodes.dsp.math.functions import exp2

PAIR = 0.46594
"""Time constant of each of two equal one-pole smoothings in series that together reach 63 % in a time of 1."""


def ahead(seconds: float, setup: Setup) -> dict[str, Any]:
    """[control] The states `line` and `delay` of a node with this much look-ahead."""
    delay = round(seconds * setup.sample_rate)
    length = 1 << int(np.ceil(np.log2(delay + 1)))
    return {"line": np.zeros((length, setup.lanes), np.float32), "delay": [delay]}


@inline
def per_frame(seconds, sample_rate):
    """One-pole smoothing coefficient per frame for a time constant; 1 for 0 s."""
    frames = seconds * sample_rate
    return 1.0 - exp2(-1.442695 / (frames if frames > 0.03 else 0.03))


@inline
def loudest(signal, frame, voice, voices, channels):
    """Largest magnitude among the channels of a voice, which share one gain so that the stereo image stays put."""
    level = np.float32(0.0)
    for channel in range(channels):
        level = max(level, abs(signal[frame, channel * voices + voice]))
    return level


@inline
def turned(line, at, delay, lane, audio):
    """Writes a sample at the running index `at` and returns the one from `delay` frames earlier."""
    mask = np.uint64(line.shape[0] - 1)
    line[np.uint64(at) & mask, lane] = audio
    return line[np.uint64(at - delay + line.shape[0]) & mask, lane]
