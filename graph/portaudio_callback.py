"""[audio] PortAudio's callback: `int(input, output, frames, time, flags, user)`."""

from __future__ import annotations

import numpy as np

from graph.callbacks import run_callback
from graph.host_clock import now_ns
from graph.native import helper, view1
from graph.tables import DEVICE, REQUEST

int64 = np.int64
UNDERFLOW = 4
"""The bit of `flags` by which PortAudio says that it had nothing to play."""


@helper(double=True)
def portaudio_callback(device_address):
    """The arguments lie in the device's record; PortAudio's buffer is filled directly."""
    device = view1(device_address, 1, DEVICE)[0]
    now = now_ns(device)
    request = view1(device.request, 1, REQUEST)[0]
    request.out = device.b
    request.frames = device.c
    if device.e & UNDERFLOW:
        device.underruns += 1
    run_callback(device_address, now, 0)
    device.result = 0
