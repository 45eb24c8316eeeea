"""The native loop of the null device: it sleeps, which the driver that it calls never does."""

from __future__ import annotations

import numpy as np

from graph.native import call, helper, load_acquire, monotonic_ticks, sleep_ns, store_release, view1
from graph.tables import DEVICE, REQUEST

int64 = np.int64


@helper(double=True)
def null_device(device_address):
    """Drives an engine as a sound card would: once a period, by the system's clock."""
    device = view1(device_address, 1, DEVICE)[0]
    request = view1(device.request, 1, REQUEST)[0]
    lateness = view1(device.lateness, device.periods, int64)
    busy = view1(device.busy, device.periods, int64)
    start = now_ns(device)
    for i in range(device.periods):
        if load_acquire(view1(device_address + STOP_AT, 1, int64), 0) != 0:
            break
        due = start + int64((i + 1) * request.frames * 1e9 / device.rate)
        now = now_ns(device)
        while now < due:
            sleep_ns(device.sleep, due - now)
            now = now_ns(device)
        lateness[i] = now - due
        if device.render != 0:
            call(device.render, device.request)
        busy[i] = now_ns(device) - now
        store_release(view1(device_address + DONE_AT, 1, int64), 0, i + 1)


@helper(double=True)
def now_ns(device):
    """The monotonic clock in nanoseconds."""
    return int64(monotonic_ticks(device.clock) * device.tick)


STOP_AT = int(DEVICE.fields["stop"][1])  # type: ignore[index]
DONE_AT = int(DEVICE.fields["done"][1])  # type: ignore[index]
