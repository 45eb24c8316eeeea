"""The common structure of waveshapers: a curve at a multiple of the sample rate, between two steep low-passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from graph import Node, Setup, State, inline
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, fall, oversampling, rise


class Shaper(Node, family="Drive"):
    """Base of waveshapers that see the line from each sample to the next, at FACTOR times the sample rate."""

    FACTOR: ClassVar[int] = 4

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return oversampling(self.FACTOR, setup, means=True)


def oversampled() -> tuple[State, State, State, State]:
    """[control] The states `up`, `down`, `heard` and `planes` (nodes/dsp/drive/oversample.py)."""
    return State(ndim=2), State(ndim=2), State(ndim=2), State(ndim=3)


@inline
def shaped(block, curve):
    """[audio] The loop of a waveshaper, `within` which `curve` takes `x`, a sample at the higher rate."""
    planes, frames, lanes = block.planes, block.frames, block.lanes
    rise(block.audio, block.heard, block.up, planes, frames, lanes)
    for frame in range(frames):
        for plane in range(planes.shape[0]):
            at = (plane * planes.shape[1] + PAST + frame) * lanes
            for lane in range(lanes):
                x = load(planes, at + lane)
                store(planes, at + lane, curve(block, frame * lanes + lane, lane, x))
    fall(planes, block.down, block.out, frames, lanes)
