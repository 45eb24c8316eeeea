"""Level detection, look-ahead lines that let the gain move before the peak, and the loops around a gain computer."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Node, Setup, State, inline
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


class LookAhead(Node, family="Dynamics"):
    """Base of dynamics processors with an optional `sidechain`, whose gain may move before the peak."""

    def prepare(self, setup: Setup) -> dict[str, Any]:
        return {**ahead(self.options["lookahead"], setup), "given": [1 if "sidechain" in self.inputs else 0]}


def looking_ahead() -> tuple[State, State, State, State]:
    """[control] The states `line`, `delay`, `at` and `given` of a `LookAhead`."""
    given = State((1,), np.int64, doc="1 if the sidechain is connected.")
    return State(ndim=2), State((1,), np.int64), State((1,), np.int64), given


@inline
def moved_ahead(block, gain_of):
    """[audio] The loop of a `LookAhead`, `within` which `gain_of` takes `level` and returns gain and `reduction`."""
    voices, channels, at = block.voices, block.channels, block.at[0]
    for frame in range(block.frames):
        for voice in range(voices):
            if block.given[0]:
                level = loudest(block.sidechain, frame, voice, voices, channels)
            else:
                level = loudest(block.audio, frame, voice, voices, channels)
            gain, block.reduction[frame, voice] = gain_of(block, frame * voices * channels + voice, voice, level)
            for channel in range(channels):
                lane = channel * voices + voice
                late = turned(block.line, at, block.delay[0], lane, block.audio[frame, lane])
                block.out[frame, lane] = gain * late
        at += 1
    block.at[0] = at
