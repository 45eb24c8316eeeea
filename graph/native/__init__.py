"""Compiles Python functions to object code: what a kernel may use, and how it is compiled, hashed and cached.

Floor 2: imports only `graph.errors`. Kernels import the functions below; the rest of the room is for `graph`.
"""

from __future__ import annotations

from graph.lazy import lazily
from graph.native.functions import (
    bits_to_float,
    call,
    call_c,
    cycles,
    dot8,
    fence_acquire,
    float_to_bits,
    flush_denormals,
    inline,
    load,
    load_acquire,
    monotonic_ticks,
    restore_denormals,
    sleep_ns,
    store,
    store_release,
    view1,
    view2,
    view3,
)

__getattr__ = lazily(__name__, {})  # answers old names

__all__ = [
    "bits_to_float",
    "call",
    "call_c",
    "cycles",
    "dot8",
    "fence_acquire",
    "float_to_bits",
    "flush_denormals",
    "inline",
    "load",
    "load_acquire",
    "monotonic_ticks",
    "restore_denormals",
    "sleep_ns",
    "store",
    "store_release",
    "view1",
    "view2",
    "view3",
]
