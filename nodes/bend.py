"""Pitch wheel as a frequency ratio."""

from __future__ import annotations

import numpy as np

from graph import BEND, RESET_CONTROLLERS, In, Node, Option, Out, State, kernel
from graph import CONTROL as CONTROLLER
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.glide import aim, along, line_frames


class Bend(Node, family="Modulation"):
    """Pitch wheel as a frequency ratio: multiply a frequency by it to bend it by up to `range` semitones.

    Each message ramps to its value in 5 ms, linearly in semitones, so even a wheel with 128 steps glides. A
    VoiceAllocator already bends its voices; Bend is for drones, filters and other ranges.
    """

    events = In(kind="events", doc="Events that contain the pitch wheel.")
    range = In(2, "semitones", -48, 48, voices=1, channels=1, doc="Bend at the top of the wheel.")
    channel = Option(0, min=0, max=16, doc="MIDI channel to read, 1 .. 16; 0 reads every channel.")
    out = Out(voices=1, channels=1, ratio=True, doc="Frequency ratio; 1 with the wheel centered.")
    position = State((1,), np.float64, doc="Wheel position, -1 .. 1.")
    way = State((2,), np.float64, doc="Distance at the last event, frames left.")

    @kernel(double=True)
    def process(block):
        position, way = block.position, block.way
        smooth = line_frames(block.sample_rate)
        i = 0
        for frame in range(block.frames):
            while i < block.events.count[0] and block.events.records[i].frame <= frame:
                event = block.events.records[i]
                resets = event.kind == CONTROLLER and event.number == RESET_CONTROLLERS
                if (block.channel == 0 or event.channel == block.channel) and (event.kind == BEND or resets):
                    aim(position, way, 0.0 if resets else clamp(event.value, -1.0, 1.0), smooth)
                i += 1
            way[1] = max(way[1] - 1.0, 0.0)
            semitones = clamp(float(block.range[frame, 0]), -48.0, 48.0)
            block.out[frame, 0] = 2.0 ** (along(position, way, smooth) * semitones / 12.0)
