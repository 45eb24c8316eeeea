"""Memory shared by the playing process and its companion: rings, ports, the Link session."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph.memory.events import TIMED_EVENT
from graph.memory.ring import Ring
from graph.memory.tables import HELD, LINK, MIDI_EVENTS, MIDI_PORT, ring_bytes
from graph.ports.shared_memory import SharedMemory

SLOTS = 32
"""Maximum number of open MIDI inputs."""
KEPT_SENDINGS = 1024
"""Number of sent messages whose lateness is kept."""
SENDING = np.dtype([("sent", np.int64), ("lateness", np.int64, KEPT_SENDINGS)])
"""Count of sent messages, and the lateness of each in nanoseconds."""


class CompanionMemory:
    """[control] The parts of the shared memory.

    arriving  events from the MIDI inputs: written by the companion, read by the audio thread
    leaving   events sent by nodes: written by the audio thread, read by the companion
    asked     events sent from Python: written by the playing process, read by the companion
    ports     a MIDI_PORT for each input, with addresses valid in the companion, plus `held` and `coarse`
    link      the LINK record, and `link_address`
    """

    def __init__(self, token: str = "", publish: int = 0) -> None:
        ring = ring_bytes(MIDI_EVENTS, TIMED_EVENT)
        sizes = [ring, ring, ring, SLOTS * MIDI_PORT.itemsize, SLOTS * 16 * HELD, SLOTS * 16 * 32]
        sizes += [LINK.itemsize, SENDING.itemsize]
        at = np.cumsum([0, *((size + 63) // 64 * 64 for size in sizes)]).tolist()
        self.memory = SharedMemory(at[-1], token)
        self.token = self.memory.token
        self.arriving, self.leaving, self.asked = (
            Ring(MIDI_EVENTS, TIMED_EVENT, publish, self.memory.array[start : start + ring]) for start in at[:3]
        )
        self.ports = self._part(at[3], SLOTS, MIDI_PORT)
        self.held = self._part(at[4], (SLOTS, 16, HELD), np.dtype(np.uint8))
        self.coarse = self._part(at[5], (SLOTS, 16, 32), np.dtype(np.uint8))
        self.link = self._part(at[6], 1, LINK)[0]
        self.link_address = self.memory.base + at[6]
        self.sending = self._part(at[7], 1, SENDING)[0]

    def _part(self, at: int, shape: int | tuple[int, ...], dtype: np.dtype[Any]) -> Any:
        size = dtype.itemsize * int(np.prod(shape))
        return self.memory.array[at : at + size].view(dtype).reshape(shape)

    def aim(self, slot: int) -> Any:
        """A port's record with addresses valid in this process."""
        port = self.ports[slot]
        port["ring"] = self.arriving.address
        port["held"], port["coarse"] = self.held[slot].ctypes.data, self.coarse[slot].ctypes.data
        return port

    def address(self, slot: int) -> int:
        """Address of a port's record in this process."""
        return int(self.ports.ctypes.data) + slot * MIDI_PORT.itemsize
