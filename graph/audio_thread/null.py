"""[audio] The native loop of the null device. It sleeps; the driver that it calls never does."""

from __future__ import annotations

import numpy as np

from graph.audio_thread.callbacks import run_callback
from graph.audio_thread.host_clock import now_ns
from graph.memory.tables import DEVICE, REQUEST
from graph.native.functions import inline, load_acquire, sleep_ns, view1

int64 = np.int64


@inline(double=True)
def null_device(device_address):
    """Drives an engine like a sound card: once per period, timed by the host clock."""
    device = view1(device_address, 1, DEVICE)[0]
    request = view1(device.request, 1, REQUEST)[0]
    start = now_ns(device)
    i = 0
    while device.periods == 0 or i < device.periods:
        if load_acquire(view1(device_address + STOP_AT, 1, int64), 0) != 0:
            break
        due = start + int64((i + 1) * request.frames * 1e9 / device.rate)
        now = now_ns(device)
        while now < due:
            sleep_ns(device.sleep, due - now)
            now = now_ns(device)
        run_callback(device_address, now, now - due)
        i += 1


STOP_AT = int(DEVICE.fields["stop"][1])  # type: ignore[index]
