"""Stereo panning of voices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, NodeError, Option, Out, Setup, State, float_to_bits, inline, kernel
from graph.native import load
from nodes.dsp.math.functions import clamp, wave

LAWS = ("constant_power", "linear", "compromise")
LINEAR, COMPROMISE = 1, 2


@inline
def side(amount, law):
    """Gain of one side for a pan `amount` (0 .. 1) toward it: exactly 0 at 0 and 1 at 1."""
    if law == LINEAR:
        return amount
    power = wave(0.25 * amount)
    return np.sqrt(amount * power) if law == COMPROMISE else power


class Pan(Node, family="Mixing"):
    """Stereo panner: places each voice between left and right and sums the voices.

    A mono voice is panned. A stereo voice is balanced: the side it moves toward keeps its level, the other fades.
    Constant power keeps the loudness in a room, where the two sides add in power. `linear` keeps the level of a mono
    sum. `compromise`, the geometric mean of both, is the law of most mixing desks. `spread` puts successive voices far
    apart, so the image stays balanced when few of them play.
    """

    audio = In(doc="Mono or stereo signal with any number of voices.")
    position = In(0.0, "", -1, 1, ramp=0.01, doc="Pan position per voice: -1 left, 0 center, 1 right.")
    spread = In(0.0, "", 0, 1, voices=1, channels=1, doc="Spaces the voices evenly: 1 from hard left to hard right.")
    law = Option("constant_power", choices=LAWS, doc="Pan law; level at the center -3 dB, -6 dB or -4.5 dB.")
    out = Out(voices=1, channels=2, doc="Stereo sum.")
    place = State(ndim=1, doc="Spread position of each voice, -1 .. 1.")
    to_left = State(ndim=1, doc="Left gain of each voice.")
    to_right = State(ndim=1)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        if setup.channels > 2:
            raise NodeError(f"{setup.name}: Pan takes mono or stereo voices; these have {setup.channels} channels")
        golden = (0.25 + np.arange(setup.voices) * (np.sqrt(5) - 1) / 2) % 1
        rank = np.argsort(np.argsort(golden))
        place = 2 * rank / (setup.voices - 1) - 1 if setup.voices > 1 else np.zeros(1)
        return {"place": place, "to_left": np.zeros(setup.voices), "to_right": np.zeros(setup.voices)}

    @kernel
    def process(block):
        audio, position, place, law = block.audio, block.position, block.place, block.law
        to_left, to_right = block.to_left, block.to_right
        voices, lanes = block.voices, block.lanes
        stereo = block.channels == 2
        second = voices if stereo else 0
        scale = 1.0 / side(np.float32(0.5), law) if stereo else np.float32(1.0)
        # Most voices do not move: computing their gains once per block costs a third as much.
        changes = np.uint32(0)
        for frame in range(1, block.frames):
            changes |= float_to_bits(block.spread[frame, 0]) ^ float_to_bits(block.spread[frame - 1, 0])
        for i in range(lanes, block.frames * lanes):
            changes |= float_to_bits(load(position, i)) ^ float_to_bits(load(position, i - lanes))
        for frame in range(block.frames):
            if frame == 0 or changes != 0:
                spread = clamp(block.spread[frame, 0], 0.0, 1.0)
                for voice in range(voices):
                    offset = 0.5 + 0.5 * spread * place[voice]
                    left = 1.0 - clamp(offset + 0.5 * clamp(position[frame, voice], -1.0, 1.0), 0.0, 1.0)
                    right = clamp(offset + 0.5 * clamp(position[frame, second + voice], -1.0, 1.0), 0.0, 1.0)
                    to_left[voice] = min(scale * side(left, law), 1.0)
                    to_right[voice] = min(scale * side(right, law), 1.0)
            left = 0.0
            right = 0.0
            for voice in range(voices):
                left += audio[frame, voice] * to_left[voice]
                right += audio[frame, second + voice] * to_right[voice]
            block.out[frame, 0] = left
            block.out[frame, 1] = right
