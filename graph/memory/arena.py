"""Memory for the audio thread: one aligned block, laid out first and allocated once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

LINE = 64
"""Bytes per cache line; every reservation starts on one."""


class Arena:
    """Call `reserve` for each item, `allocate` once, then view the items as arrays."""

    def __init__(self) -> None:
        self.size = 0
        self.base = 0

    def reserve(self, nbytes: int) -> int:
        """Reserves `nbytes` of zeroed memory; returns its offset."""
        at = self.size
        self.size += (int(nbytes) + LINE - 1) // LINE * LINE
        return at

    def allocate(self) -> None:
        """Allocates the memory; an address is `base` plus the offset."""
        self._memory = np.zeros(self.size + LINE, np.uint8)
        address = int(self._memory.ctypes.data)
        self.base = (address + LINE - 1) // LINE * LINE
        self._start = self.base - address

    def array(self, at: int, shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray[Any, Any]:
        """The memory at offset `at` as an array."""
        dtype = np.dtype(dtype)
        count = int(np.prod(shape)) if isinstance(shape, tuple) else shape
        start = self._start + at
        return self._memory[start : start + count * dtype.itemsize].view(dtype).reshape(shape)
