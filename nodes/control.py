"""MIDI controller as a signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import CONTROL, In, Node, Option, Out, Setup, State, inline, kernel

SMOOTH = 0.005
LOG = 1
NEAR = 1.5 / 127.0
"""Pickup tolerance: a knob this close to the value, 1.5 of its 1/127 steps, counts as matching."""


@inline(double=True)
def turn_of(value, low, high, curve):
    """Knob position, 0 .. 1, that corresponds to `value`."""
    if curve == LOG and low > 0.0 and high > 0.0 and value > 0.0:
        span = np.log(high / low)
        turn = np.log(value / low) / span if span != 0.0 else 0.0
    else:
        turn = (value - low) / (high - low) if high != low else 0.0
    return min(1.0, max(0.0, turn))


class Control(Node, family="Modulation"):
    """MIDI knob or fader as a value between `min` and `max`, in the unit of its destination.

    MIDI sends steps of 1/127. The value ramps to each one in 5 ms, starting at the event's frame, so a sweep is
    smooth. Changing `min` or `max` changes the value at once. With `curve: log` equal turns are equal ratios, which
    requires both ends above 0; otherwise the curve is linear.

    When `initial` is set by the patch, a preset or by hand, the next knob movement makes the value jump to the
    knob's position. With `pickup` the value waits until the knob reaches or passes it. Pickup suits hardware knobs;
    a MIDI file sends exact values, so the default is off.
    """

    events = In(kind="events", doc="Events that contain the controller.")
    controller = Option(1, min=0, max=127, doc="Controller number: 1 is the modulation wheel, 74 is brightness.")
    channel = Option(0, min=0, max=16, doc="MIDI channel to read, 1 .. 16; 0 reads every channel.")
    min = In(0.0, "any", voices=1, channels=1, doc="Value with the controller at minimum.")
    max = In(1.0, "any", voices=1, channels=1, doc="Value with the controller at maximum.")
    initial = In(None, "any", voices=1, channels=1, optional=True, doc="Value before the first move; default: min.")
    curve = Option("linear", choices=("linear", "log"), doc="linear: equal steps; log: equal ratios.")
    pickup = Option(False, doc="Value moves only after the knob reaches it, and again after each new `initial`.")
    out = Out("any", voices=1, channels=1, doc="Controller value.")

    position = State((1,), np.float64, initial=-1, doc="Controller position; below 0 it has not moved.")
    value = State((3,), np.float64, doc="Output value, and the ends from which it was computed.")
    way = State((2,), np.float64, doc="Distance at the last event, frames left.")
    given = State((1,), np.int64)
    caught = State((3,), np.float64, initial=-1, doc="1 picked up, 0 waiting, -1 new; knob position; last initial.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        return {"given": [1 if "initial" in self.inputs else 0]}

    @kernel(double=True)
    def process(block):
        value, way, position, caught = block.value, block.way, block.position, block.caught
        smooth = np.floor(SMOOTH * block.sample_rate + 0.5)
        count = block.events.count[0]
        i = 0
        for frame in range(block.frames):
            low = float(block.min[frame, 0])
            high = float(block.max[frame, 0])
            start = float(block.initial[frame, 0]) if block.given[0] != 0 else low
            if block.pickup and block.given[0] != 0 and (start != caught[2] or caught[0] < 0.0):
                if caught[0] >= 0.0:  # ramp from the current value to the new one
                    way[0] = (value[0] if position[0] >= 0.0 else caught[2]) + way[0] * way[1] / smooth - start
                    way[1] = smooth
                caught[0] = 0.0
                caught[2] = start
                position[0] = -1.0
            moved = False
            before = 0.0
            while i < count and block.events.records[i].frame <= frame:
                event = block.events.records[i]
                ours = block.channel == 0 or event.channel == block.channel
                if ours and event.kind == CONTROL and event.number == block.controller:
                    turn = event.value
                    stands = value[0] if position[0] >= 0.0 else start
                    taken = not block.pickup or caught[0] > 0.0
                    if not taken:
                        there = turn_of(stands, low, high, block.curve)
                        passed = caught[1] >= 0.0 and (caught[1] - there) * (turn - there) <= 0.0
                        taken = passed or abs(turn - there) <= NEAR
                    caught[1] = turn
                    if taken:
                        if not moved:
                            before = stands + way[0] * way[1] / smooth
                        caught[0] = 1.0
                        moved = True
                        position[0] = turn
                i += 1
            if position[0] < 0.0:
                block.out[frame, 0] = start + way[0] * way[1] / smooth
                way[1] -= 1.0 if way[1] > 0.0 else 0.0
                continue
            if moved or low != value[1] or high != value[2]:
                turn = position[0]
                if block.curve == LOG and low > 0.0 and high > 0.0:
                    value[0] = low * (high / low) ** turn
                else:
                    value[0] = low + turn * (high - low)
                value[1] = low
                value[2] = high
            if moved:
                way[0] = before - value[0]
                way[1] = smooth
            block.out[frame, 0] = value[0] + way[0] * way[1] / smooth
            if way[1] > 0.0:
                way[1] -= 1.0
