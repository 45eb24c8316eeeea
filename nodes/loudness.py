from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.analysis import k_weighting
from nodes.dsp.filters.weighting import FLOOR, gated, lufs, mean_of, weighted

BINS = 1_600
"""Histogram bins, up to 10 LUFS."""

MOMENTARY, SHORT = 4, 30
"""Window lengths in tenths of a second."""


class Loudness(Node, family="Measuring"):
    """Loudness meter in LUFS, the unit that broadcasters and streaming services specify.

    ITU-R BS.1770-5 and EBU R 128: K-weighted power of all channels over 0.4 s, over 3 s, and over the whole program
    with gating. The gates exclude moments below -70 LUFS and those more than 10 LU below the mean of the rest.
    Moments are kept as a histogram with the exact power per bin, so an hour needs no more memory than a second.
    Readings update every tenth of a second. For peaks use Meter.
    """

    audio = In(voices=1, doc="Mix to measure; all channels have equal weight.")
    reset = In(0, voices=1, channels=1, doc="Restarts `integrated` when it rises above 0.5.")
    out = Out(doc="Input signal, unchanged.")
    momentary = Out("dB", voices=1, channels=1, doc="LUFS over the last 0.4 s; at least -70.")
    short_term = Out("dB", voices=1, channels=1, doc="LUFS over the last 3 s.")
    integrated = Out("dB", voices=1, channels=1, doc="Gated LUFS since the start.")
    weighting = State(ndim=2, dtype=np.float64)
    memory = State(ndim=2, dtype=np.float64)
    power = State((1,), np.float64, doc="Power summed since the last tenth.")
    tenths = State((SHORT,), np.float64, doc="Mean power of each recent tenth.")
    at = State((2,), np.int64, doc="Frames in this tenth, and tenths so far.")
    classes = State((BINS, 2), np.float64, doc="Number of moments and total power per bin.")
    shown = State((3,), initial=FLOOR)
    before = State((1,))

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"weighting": k_weighting(setup.sample_rate), "memory": np.zeros((4, setup.lanes))}

    @kernel(double=True)
    def process(block):
        tenths, classes, shown, at = block.tenths, block.classes, block.shown, block.at
        length = np.int64(0.1 * block.sample_rate + 0.5)
        for frame in range(block.frames):
            for lane in range(block.lanes):
                block.out[frame, lane] = block.audio[frame, lane]
                heard = weighted(block.weighting, block.memory, lane, np.float64(block.audio[frame, lane]))
                block.power[0] += heard * heard
            if block.reset[frame, 0] > 0.5 and block.before[0] <= 0.5:
                for i in range(BINS):
                    classes[i, 0] = 0.0
                    classes[i, 1] = 0.0
                shown[2] = np.float32(FLOOR)
                at[1] = 0
            block.before[0] = block.reset[frame, 0]
            at[0] += 1
            if at[0] >= length:
                for i in range(SHORT - 1):
                    tenths[i] = tenths[i + 1]
                tenths[SHORT - 1] = block.power[0] / length
                block.power[0] = 0.0
                at[0] = 0
                at[1] += 1
                moment = mean_of(tenths, MOMENTARY)
                shown[0] = lufs(moment)
                shown[1] = lufs(mean_of(tenths, SHORT))
                if at[1] >= MOMENTARY:
                    shown[2] = gated(classes, moment, lufs(moment))
            block.momentary[frame, 0] = shown[0]
            block.short_term[frame, 0] = shown[1]
            block.integrated[frame, 0] = shown[2]
