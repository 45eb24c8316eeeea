"""A single-producer single-consumer ring in memory shared with the audio thread."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from graph.memory.arena import Arena
from graph.memory.tables import RING_HEADER, ring_bytes
from graph.native import functions as native
from graph.native.cache import callable_at
from graph.native.functions import inline, store_release, view1


@inline(double=True)  # type: ignore[untyped-decorator]
def publish(ring_address: int) -> None:
    """Makes written items visible to a ring's reader: publishes the new head, which is stored beside the old one."""
    header = view1(ring_address, RING_HEADER // 8, np.int64)
    store_release(header, 0, header[1])


@inline(double=True)  # type: ignore[untyped-decorator]
def hand(order_address: int) -> None:
    """Writes a value for the audio thread, after everything written before."""
    order = view1(order_address, 2, np.int64)
    store_release(view1(order[0], 1, np.int64), 0, order[1])


class Ring:
    """[control] The producer's side: Python writes, the driver reads and moves the tail.

    Items are written before the head moves past them. On processors that may reorder two stores (arm64) the
    store of the head must be a release; `publish` is a kernel that does this.
    """

    def __init__(
        self, capacity: int, item: np.dtype[np.void], publish: int, memory: np.ndarray[Any, Any] | None = None
    ) -> None:
        """`publish` is the address of `publish`, or 0 for a reader; `memory` may be supplied."""
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
        self._publish = callable_at(publish) if native_publish else None
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Number of items not yet read."""
        return int(self._header[0] - self._header[8])

    def push(self, items: np.ndarray[Any, Any], *, whole: bool = False) -> int:
        """Writes as many of `items` as fit, or all or none if `whole`; returns their number."""
        with self._lock:  # serializes Python threads; the reader takes no lock
            count = min(len(items), self.capacity - self.used)
            if whole and count < len(items):
                return 0
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
        """Takes all unread items: Python as the reader of a ring that native code fills."""
        with self._lock:
            tail, head = int(self._header[8]), int(self._header[0])
            items: np.ndarray[Any, Any] = self._items[np.arange(tail, head) % self.capacity]
            self._header[8] = head
        return items
