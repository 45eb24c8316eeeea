"""The common structure of step sequencers: timing ports, playhead states, and the loop over steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Setup, State, clear, inline
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds
from nodes.dsp.sequencing.sequence import ENDS, HEAD, SILENT, follow_reset, next_step, play, step_beat


def timing() -> tuple[In, In, In]:
    """[control] The inputs `swing`, `tempo` and `reset`."""
    return (
        In(0.5, "", 0.5, 0.75, ramp=0.0, voices=1, channels=1, doc="Position of the offbeat; 2/3 is triplets."),
        In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock."),
        In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step."),
    )


def length_of_notes(default: float, doc: str = "Note length as a fraction of a step.") -> In:
    """[control] The input `gate`."""
    return In(default, "", 0.01, 1.0, ramp=0.0, voices=1, channels=1, doc=doc)


def channel_and_seed() -> tuple[Option, Option]:
    """[control] The options `channel` and `seed`."""
    return (
        Option(1, min=1, max=16, doc="MIDI channel of the notes."),
        Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives one from the node's name."),
    )


def playhead() -> tuple[State, State, State, State]:
    """[control] The states `beats` (per step), `head`, `ends` and `salt` (of random draws)."""
    return (
        State(ndim=1, dtype=np.float64),
        State((HEAD,), np.float64),
        State(ENDS, np.float64, initial=SILENT, keeps=True),
        State(ndim=1, dtype=np.uint32),
    )


def at_the_start(node: Node, setup: Setup) -> dict[str, Any]:
    """[control] The initial `beats` and `salt`, from the options `step` and `seed`."""
    return {"beats": [node.options["step"]], "salt": seeds(setup.name, node.options["seed"], 1)}


@inline(double=True)
def stepped(block, note):
    """[audio] The loop, `within` which `note` takes `number`, that of a step, and returns key and velocity.

    A key below 0 is a rest.
    """
    out, head, ends, channel, step = block.out, block.head, block.ends, block.channel, block.beats[0]
    clear(out)
    for frame in range(block.frames):
        swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
        beat = follow_reset(
            block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
        )
        number = next_step(out, ends, head, frame, channel, beat, step, swing)
        if number < 0.0:
            continue
        key, velocity = note(block, frame, 0, number)
        if key >= 0:
            gate = clamp(float(block.gate[frame, 0]), 0.01, 1.0)
            start = step_beat(number, step, swing)
            end = start + gate * (step_beat(number + 1.0, step, swing) - start)
            play(out, ends, head, frame, channel, key, velocity, end)
