"""The host system's clock and sleep functions, for Python and for native code."""

from __future__ import annotations

import ctypes
import sys
import time
from typing import Any

_CLOCK: int = getattr(time, "CLOCK_UPTIME_RAW", 0) or getattr(time, "CLOCK_MONOTONIC_RAW", 0)
"""macOS has both clocks; its audio uses the first."""


def host_ns() -> int:
    """[control] The host time in nanoseconds: the clock used by the audio thread, JACK and Link."""
    if sys.platform == "win32":
        return time.perf_counter_ns()
    return time.clock_gettime_ns(_CLOCK)


def system_clock() -> tuple[int, int, float]:
    """Addresses of the system's clock and sleep functions (see `graph.native.functions`); nanoseconds per tick."""
    tick = 1.0
    if sys.platform == "win32":
        library: Any = ctypes.WinDLL("kernel32")
        functions = library.QueryPerformanceCounter, library.Sleep
        frequency = ctypes.c_int64()
        library.QueryPerformanceFrequency(ctypes.byref(frequency))
        tick = 1e9 / frequency.value
        ctypes.WinDLL("winmm").timeBeginPeriod(1)  # otherwise Sleep has a resolution of 16 ms
    else:
        library = ctypes.CDLL(None)
        functions = library.clock_gettime, library.nanosleep
    clock, sleep = (ctypes.cast(function, ctypes.c_void_p).value or 0 for function in functions)
    return clock, sleep, tick
