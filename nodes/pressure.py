"""Aftertouch as a control signal."""

from __future__ import annotations

import numpy as np

from graph import KEY_PRESSURE, PRESSURE, In, Node, Option, Out, State, kernel
from nodes.dsp.math.glide import aim, along, line_frames


class Pressure(Node, family="Modulation"):
    """Aftertouch as a control signal between `min` and `max`.

    Follows channel pressure, and with `keys` also polyphonic key pressure; the latest message wins. A 5 ms linear
    ramp to each new value prevents zipper noise. VoiceAllocator provides pressure per voice; this node provides one
    value for all voices.
    """

    events = In(kind="events", doc="Events that contain aftertouch.")
    min = In(0.0, "any", voices=1, channels=1, doc="Value at zero pressure.")
    max = In(1.0, "any", voices=1, channels=1, doc="Value at full pressure.")
    channel = Option(0, min=0, max=16, doc="MIDI channel, 1 .. 16; 0 is every channel.")
    keys = Option(False, doc="Also follow polyphonic key pressure.")
    out = Out("any", voices=1, channels=1, doc="Control value.")
    position = State((1,), np.float64, doc="Target pressure, 0 .. 1.")
    way = State((2,), np.float64, doc="Distance at the last event, and frames left.")

    @kernel(double=True)
    def process(block):
        position, way = block.position, block.way
        smooth = line_frames(block.sample_rate)
        i = 0
        for frame in range(block.frames):
            while i < block.events.count[0] and block.events.records[i].frame <= frame:
                event = block.events.records[i]
                kind = event.kind == PRESSURE or (event.kind == KEY_PRESSURE and block.keys != 0)
                if kind and (block.channel == 0 or event.channel == block.channel):
                    aim(position, way, min(max(event.value, 0.0), 1.0), smooth)
                i += 1
            way[1] = max(way[1] - 1.0, 0.0)
            low, high = float(block.min[frame, 0]), float(block.max[frame, 0])
            block.out[frame, 0] = low + along(position, way, smooth) * (high - low)
