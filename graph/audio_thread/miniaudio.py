"""[audio] miniaudio's callback: `void(device, output, input, frames)`."""

from __future__ import annotations

import numpy as np

from graph.audio_thread.callbacks import run_callback
from graph.audio_thread.host_clock import now_ns
from graph.memory.tables import DEVICE, REQUEST
from graph.native.functions import inline, view1

float32 = np.float32


@inline(double=True)
def miniaudio_callback(device_address):
    """Runs the callback; its arguments are in the device's record, and miniaudio's buffer is filled directly.

    miniaudio silences that buffer first, so an abandoned device, whose engine may have another driver, returns at once.
    """
    device = view1(device_address, 1, DEVICE)[0]
    now = now_ns(device)
    if device.stop != 0:
        return
    request = view1(device.request, 1, REQUEST)[0]
    request.out = device.b
    request.frames = device.d
    request.input = device.c if device.in_count > 0 else 0
    request.inputs = device.in_count
    request.input_frames = device.d
    run_callback(device_address, now, 0)
