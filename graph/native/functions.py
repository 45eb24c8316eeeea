"""The few things a kernel does that plain Python cannot say, each with its plain-Python twin.

A kernel is written against the functions of this module. Run as plain Python (tests, debugging,
`NUMBA_DISABLE_JIT=1`) it meets the twins below; when it is compiled, `graph.native.compiler` puts the
intrinsic of the same name from `graph.native.intrinsics` in their place. So Numba is imported only where
something is compiled.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""Whether kernels run as plain Python: slow, but open to a debugger and to coverage."""

plain_functions: dict[int, Callable[..., Any]] = {}
"""What `call` finds behind an address when kernels run as plain Python."""


def helper(function: F | None = None, *, double: bool = False) -> Any:
    """Marks a function as callable from kernels, where it is compiled and inlined.

    Literals are weak in kernels, as in NumPy: `2 * x` and `0.5 * x` stay float32 when x is. Float
    literals and module constants are rounded to float32 for this; `double=True` keeps them float64.
    """

    def mark(marked: F) -> F:
        marked.__kernel_helper__ = True  # type: ignore[attr-defined]
        marked.__kernel_double__ = double  # type: ignore[attr-defined]
        return marked

    return mark if function is None else mark(function)


def load(array: Any, index: int) -> Any:
    """Reads a flat index of a port or a state; the compiler knows that it overlaps no other port's memory."""
    return array.reshape(-1)[index]


def store(array: Any, index: int, value: Any) -> None:
    """Writes a flat index, with the same promise as `load`."""
    array.reshape(-1)[index] = value


def as_port(array: Any, port: int, ports: int) -> Any:
    """Marks an array as that of port number `port` of `ports`, for `load` and `store`."""
    return array


def view1(address: int, count: int, dtype: Any) -> Any:
    """The memory at `address` as an array of `count` items."""
    dtype = np.dtype(dtype)
    raw = (ctypes.c_char * (int(count) * dtype.itemsize)).from_address(int(address))
    array = np.frombuffer(raw, dtype)
    return array.view(np.recarray) if dtype.names else array


def view2(address: int, rows: int, columns: int, dtype: Any) -> Any:
    """The memory at `address` as a C-contiguous array of `rows` x `columns`."""
    return view1(address, int(rows) * int(columns), dtype).reshape(int(rows), int(columns))


def view3(address: int, pages: int, rows: int, columns: int, dtype: Any) -> Any:
    """The memory at `address` as a C-contiguous array of three dimensions."""
    return view1(address, int(pages) * int(rows) * int(columns), dtype).reshape(int(pages), int(rows), int(columns))


def call(function: int, argument: int) -> None:
    """Calls the kernel at address `function` with one int64."""
    plain_functions[int(function)](int(argument))


def load_acquire(array: Any, index: int) -> int:
    """Reads an int64 so that everything the writer did before its `store_release` is seen."""
    return int(array[index])


def fence_acquire() -> None:
    """What was read before this is read before what is read after it: the reader's side of a sequence lock."""


def store_release(array: Any, index: int, value: int) -> None:
    """Writes an int64 after everything that this thread wrote before."""
    array[index] = value


def flush_denormals() -> int:
    """Makes the processor treat denormals as zero on this thread; returns the old mode."""
    return 0


def restore_denormals(mode: int) -> None:
    """Puts back what `flush_denormals` returned."""


def cycles() -> int:
    """A counter that runs with the processor."""
    return time.perf_counter_ns()


def float_bits(value: float) -> int:
    """The bits of a float32 as uint32."""
    return int(np.float32(value).view(np.uint32))


def bits_float(bits: int) -> Any:
    """The float32 whose bits these are."""
    return np.uint32(bits).view(np.float32)


def monotonic_ticks(function: int) -> int:
    """The host's clock in its own ticks; `function` is its address in the C library."""
    return time.perf_counter_ns()


def call_c(function: int, a: int, b: int, c: int, d: int, e: int) -> int:
    """Calls the C function at address `function` with up to five whole numbers or addresses.

    What a function narrower than 64 bits returns is to be masked by the caller.
    """
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 5)
    return int(kind(int(function))(int(a), int(b), int(c), int(d), int(e)))


def sleep_ns(function: int, nanoseconds: int) -> None:
    """Sleeps; `function` is the address of the C library's sleep."""
    time.sleep(max(0, nanoseconds) / 1e9)
