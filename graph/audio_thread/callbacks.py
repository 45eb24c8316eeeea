"""[audio] Common part of every device callback: host time and processing time."""

from __future__ import annotations

import numpy as np

from graph.audio_thread.host_clock import follow_clock, now_ns
from graph.memory.tables import DEVICE, ENGINE, KEPT, REQUEST
from graph.native.functions import call, inline, store_release, view1

int64 = np.int64
DONE_AT = int(DEVICE.fields["done"][1])  # type: ignore[index]


@inline(double=True)
def run_callback(device_address, time, lateness):
    """Fills the request at host time `time`, `lateness` ns after it was due."""
    device = view1(device_address, 1, DEVICE)[0]
    request = view1(device.request, 1, REQUEST)[0]
    if request.engine != 0:
        engine = view1(request.engine, 1, ENGINE)[0]
        follow_clock(engine, time, request.frames, 1e9 / device.rate)
    finish_callback(device_address, time, lateness)


@inline(double=True)
def finish_callback(device_address, time, lateness):
    """Calls the driver and records its timing."""
    device = view1(device_address, 1, DEVICE)[0]
    if device.render != 0:
        call(device.render, device.request)
    busy = now_ns(device) - time
    place = device.done % KEPT
    view1(device.lateness, KEPT, int64)[place] = lateness
    view1(device.busy, KEPT, int64)[place] = busy
    frames = view1(device.request, 1, REQUEST)[0].frames
    device.frames += frames
    device.worked += busy
    period = frames * 1e9 / device.rate
    device.worst = max(device.worst, busy / period)
    if lateness + busy > period:
        device.missed += 1
    store_release(view1(device_address + DONE_AT, 1, int64), 0, device.done + 1)
