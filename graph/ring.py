"""A single-producer single-consumer ring in memory that the audio thread shares."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import numpy as np

from graph import native
from graph.memory import Arena
from graph.tables import RING_HEADER, ring_bytes


class Ring:
    """[control] The producer's side: Python writes, the driver reads and moves the tail.

    Items are written first and the head is moved after them. On processors that may reorder two
    stores (arm64) the head's store must release; `publish` is a kernel that does so.
    """

    def __init__(
        self, capacity: int, item: np.dtype[np.void], publish: int, memory: np.ndarray[Any, Any] | None = None
    ) -> None:
        """`publish` is the address of `graph.driver.publish`, or 0 for who only reads; `memory` may be given."""
        self.capacity = capacity
        if memory is None:
            arena = Arena()
            at = arena.reserve(ring_bytes(capacity, item))
            arena.allocate()
            memory = arena.array(at, ring_bytes(capacity, item), np.uint8)
        self.address = int(memory.ctypes.data)
        self._header = memory[:RING_HEADER].view(np.int64)
        self._items = memory[RING_HEADER:].view(item)
        native_publish = publish and not native.PLAIN
        self._publish: Any = ctypes.CFUNCTYPE(None, ctypes.c_int64)(publish) if native_publish else None
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Items that the reader has not taken yet."""
        return int(self._header[0] - self._header[8])

    def push(self, items: np.ndarray[Any, Any]) -> int:
        """Writes as many of `items` as there is room for; returns their number."""
        with self._lock:  # between Python threads; the reader takes no lock
            count = min(len(items), self.capacity - self.used)
            head = int(self._header[0])
            at = head % self.capacity
            first = min(count, self.capacity - at)
            self._items[at : at + first] = items[:first]
            self._items[: count - first] = items[first:count]
            self._header[1] = head + count
            if self._publish is not None:
                self._publish(self.address)
            else:
                self._header[0] = head + count
        return count

    def take(self) -> np.ndarray[Any, Any]:
        """What has been written and not been read: Python as the reader of a ring that native code fills."""
        with self._lock:
            tail, head = int(self._header[8]), int(self._header[0])
            items: np.ndarray[Any, Any] = self._items[np.arange(tail, head) % self.capacity]
            self._header[8] = head
        return items
