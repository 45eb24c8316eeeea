"""Memory that the audio thread sees: one aligned block, laid out first and allocated once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

LINE = 64
"""Bytes of a cache line; every reservation starts on one."""


class Arena:
    """Reserve places, `allocate`, then look at them as arrays."""

    def __init__(self) -> None:
        self.size = 0
        self.base = 0

    def reserve(self, nbytes: int) -> int:
        """The offset of `nbytes` of zeroed memory."""
        at = self.size
        self.size += (int(nbytes) + LINE - 1) // LINE * LINE
        return at

    def allocate(self) -> None:
        """Makes the memory; offsets become addresses by adding `base`."""
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
