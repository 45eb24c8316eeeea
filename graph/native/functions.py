"""Operations that a kernel needs and plain Python lacks, each with a plain-Python equivalent.

Kernels are written against this module. In plain Python (tests, debugging, `NUMBA_DISABLE_JIT=1`) they run the
equivalents below; in compiled code, `graph.native.compiler` replaces each with the intrinsic of the same name
from `graph.native.intrinsics`. Numba is therefore imported only when something is compiled.
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
"""Whether kernels run as plain Python: slow, but accessible to debuggers and coverage."""

plain_functions: dict[int, Callable[..., Any]] = {}
"""The functions that `call` finds by address when kernels run as plain Python."""


def inline(function: F | None = None, *, double: bool = False) -> Any:
    """Marks a function as callable from kernels, where it is compiled and inlined.

    Literals in kernels are weak, as in NumPy: `2 * x` and `0.5 * x` stay float32 if x is float32. To this end, float
    literals and module constants are rounded to float32; `double=True` keeps them float64.
    """

    def mark(marked: F) -> F:
        marked.__kernel_helper__ = True  # type: ignore[attr-defined]
        marked.__kernel_double__ = double  # type: ignore[attr-defined]
        return marked

    return mark if function is None else mark(function)


def load(array: Any, index: int) -> Any:
    """Reads a port or state at a flat index; the compiler knows that it overlaps no other port's memory."""
    return array.reshape(-1)[index]


def store(array: Any, index: int, value: Any) -> None:
    """Writes a port or state at a flat index, with the same guarantee as `load`."""
    array.reshape(-1)[index] = value


def dot8(first: Any, second: Any, row: int, share: float, points: Any, at: int) -> Any:
    """Sum over eight k of (first[row + k] + share * second[row + k]) * points[at + k], at flat float32 indices.

    Eight-point interpolation as one vector; a loop over k stays scalar, since a sum in order is no vector.
    """
    weights = first.reshape(-1)[row : row + 8] + share * second.reshape(-1)[row : row + 8]
    return np.sum(weights * points.reshape(-1)[at : at + 8], dtype=np.float32)


def as_port(array: Any, port: int, ports: int) -> Any:
    """Marks an array as port number `port` of `ports`, for `load` and `store`."""
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
    """Reads an int64 with acquire ordering: everything the writer did before its `store_release` is visible."""
    return int(array[index])


def fence_acquire() -> None:
    """Orders earlier reads before later ones: the reader's side of a sequence lock."""


def store_release(array: Any, index: int, value: int) -> None:
    """Writes an int64 with release ordering: after everything this thread wrote before."""
    array[index] = value


def flush_denormals() -> int:
    """Treats denormals as zero on this thread; returns the previous mode."""
    return 0


def restore_denormals(mode: int) -> None:
    """Restores the mode returned by `flush_denormals`."""


def cycles() -> int:
    """A counter that advances with processor time."""
    return time.perf_counter_ns()


def float_to_bits(value: float) -> int:
    """The bit pattern of a float32 as uint32."""
    return int(np.float32(value).view(np.uint32))


def bits_to_float(bits: int) -> Any:
    """The float32 with this bit pattern."""
    return np.uint32(bits).view(np.float32)


def monotonic_ticks(function: int) -> int:
    """The host's clock in its own ticks; `function` is the clock's address in the C library."""
    return time.perf_counter_ns()


def call_c(function: int, a: int, b: int, c: int, d: int, e: int) -> int:
    """Calls the C function at address `function` with up to five integers or addresses.

    If the function returns fewer than 64 bits, the caller must mask the result.
    """
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 5)
    return int(kind(int(function))(int(a), int(b), int(c), int(d), int(e)))


def sleep_ns(function: int, nanoseconds: int) -> None:
    """Sleeps; `function` is the address of the C library's sleep function."""
    time.sleep(max(0, nanoseconds) / 1e9)
