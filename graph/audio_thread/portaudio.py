"""[audio] PortAudio's callback: `int(input, output, frames, time, flags, user)`."""

from __future__ import annotations

import numpy as np

from graph.audio_thread.callbacks import run_callback
from graph.audio_thread.host_clock import now_ns
from graph.memory.tables import DEVICE, ENGINE, MOMENT, REQUEST
from graph.native.functions import helper, view1

int64, float32 = np.int64, np.float32
ABORT = 2
"""PortAudio's word for: no more of these."""
UNDERFLOW = 4
"""The bit of `flags` by which PortAudio says that it had nothing to play."""


@helper(double=True)
def portaudio_callback(device_address):
    """The arguments lie in the device's record; PortAudio's buffer is filled directly."""
    device = view1(device_address, 1, DEVICE)[0]
    now = now_ns(device)
    request = view1(device.request, 1, REQUEST)[0]
    if device.stop != 0:  # it was given up while it stood still, and another may drive the engine by now
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
        view1(engine.moment, 1, MOMENT)[0].period = 0.0  # the card's time has stood still: the loop begins anew
    run_callback(device_address, now, 0)
    device.result = 0
