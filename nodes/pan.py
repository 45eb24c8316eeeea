"""Placing voices between left and right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, NodeError, Option, Out, Setup, State, helper, kernel
from nodes.dsp.functions import clamp, wave

LINEAR, COMPROMISE = 1, 2


@helper
def side(amount, law):
    """Gain of a side that has `amount` (0 .. 1) of the way to itself: exactly 0 at 0, and 1 at 1."""
    if law == LINEAR:
        return amount
    power = wave(0.25 * amount)
    return np.sqrt(amount * power) if law == COMPROMISE else power


class Pan(Node, family="Mixing"):
    """Places every voice between left and right and sums them: the way from voices to stereo.

    A mono voice is panned; a stereo voice is balanced: the side it moves to stays, the other fades.
    Constant power, as the two sides of a room add up in power; `linear` is for a sum to mono, and
    `compromise`, the geometric mean of both, is what most desks have.
    """

    audio = In(doc="Mono or stereo signal with any number of voices.")
    position = In(0.0, "", -1, 1, doc="-1 left, 0 centre, 1 right; of each voice.")
    spread = In(
        0.0,
        "",
        0,
        1,
        voices=1,
        channels=1,
        doc="Spaces the voices evenly: 1 from hard left to hard right. Voices that follow each other land far apart, "
        "so that few of many are balanced too.",
    )
    law = Option(
        "constant_power",
        choices=("constant_power", "linear", "compromise"),
        doc="Level at the centre: -3 dB, -6 dB, or -4.5 dB.",
    )
    out = Out(voices=1, channels=2, doc="Stereo sum.")
    place = State(ndim=1, doc="Of each voice, -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        if setup.channels > 2:
            raise NodeError(f"{setup.name} places mono and stereo voices; these have {setup.channels} channels")
        golden = (0.25 + np.arange(setup.voices) * (np.sqrt(5) - 1) / 2) % 1
        rank = np.argsort(np.argsort(golden))
        return {"place": 2 * rank / (setup.voices - 1) - 1 if setup.voices > 1 else np.zeros(1)}

    @kernel
    def process(block):
        audio = block.audio
        position = block.position
        place = block.place
        law = block.law
        voices = block.voices
        stereo = block.channels == 2
        second = voices if stereo else 0
        scale = 1.0 / side(np.float32(0.5), law) if stereo else np.float32(1.0)
        for frame in range(block.frames):
            spread = clamp(block.spread[frame, 0], 0.0, 1.0)
            left = 0.0
            right = 0.0
            for voice in range(voices):
                offset = 0.5 + 0.5 * spread * place[voice]
                to_left = 1.0 - clamp(offset + 0.5 * clamp(position[frame, voice], -1.0, 1.0), 0.0, 1.0)
                to_right = clamp(offset + 0.5 * clamp(position[frame, second + voice], -1.0, 1.0), 0.0, 1.0)
                left += audio[frame, voice] * min(scale * side(to_left, law), 1.0)
                right += audio[frame, second + voice] * min(scale * side(to_right, law), 1.0)
            block.out[frame, 0] = left
            block.out[frame, 1] = right
