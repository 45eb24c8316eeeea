"""[audio] PortAudio's callback: `int(input, output, frames, time, flags, user)`."""

from __future__ import annotations

import numpy as np

from graph.audio_thread.callbacks import run_callback
from graph.audio_thread.host_clock import now_ns
from graph.memory.tables import DEVICE, ENGINE, MOMENT, REQUEST
from graph.native.functions import inline, view1

int64, float32 = np.int64, np.float32
ABORT = 2
"""PortAudio's return value to stop further callbacks."""
UNDERFLOW = 4
"""The bit of `flags` for an output underrun."""


@inline(double=True)
def portaudio_callback(device_address):
    """Runs the callback; its arguments are in the device's record, and PortAudio's buffer is filled directly."""
    device = view1(device_address, 1, DEVICE)[0]
    now = now_ns(device)
    request = view1(device.request, 1, REQUEST)[0]
    if device.stop != 0:  # abandoned while it stalled; another device may drive the engine now
        out = view1(device.b, device.c * device.out_count, float32)
        for i in range(device.c * device.out_count):
            out[i] = 0.0
        device.result = ABORT
        return
    request.out = device.b
    request.frames = device.c
    request.input = device.a if device.in_count > 0 else 0
    request.inputs = device.in_count
    request.input_frames = device.c
    if device.e & UNDERFLOW:
        device.underruns += 1
        engine = view1(request.engine, 1, ENGINE)[0]
        view1(engine.moment, 1, MOMENT)[0].period = 0.0  # the card's clock has stalled: restart the loop
    run_callback(device_address, now, 0)
    device.result = 0
