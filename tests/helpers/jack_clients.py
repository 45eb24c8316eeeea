"""JACK clients that record and send with time stamps, each in its own process.

JACK's library keeps to itself what it knows of servers; a process that saw several of them come and go is no
place for the next test.
"""

from __future__ import annotations

import ctypes
import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from typing import Any

import numpy as np
from conftest import missing

PLAYBACK = 1
"""JACK's name for the latency toward the output."""


class Ear:
    """A JACK client that records ports with time stamps, in frames of the server and of its transport."""

    def __init__(self, channels: int = 1) -> None:
        import jack

        self.jack = jack
        self.client = jack.Client("ear", no_start_server=True)
        self.audio = [self.client.inports.register(f"in_{n}") for n in range(channels)]
        self.midi = self.client.midi_inports.register("midi")
        self.sound: list[np.ndarray] = []
        self.frames: list[int] = []
        self.rolling: list[tuple[int, int]] = []
        """Server frames, and the transport's frames at those times."""
        self.messages: list[tuple[int, bytes]] = []
        self.client.set_process_callback(self._process)
        self.later = [0] * channels
        self.library = ctypes.CDLL(jack._libname)  # JACK-Client does not know of latencies
        self.tell = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)(self._tell_latencies)
        self.library.jack_set_latency_callback(self._pointer(self.client), self.tell, None)
        self.client.activate()

    def _process(self, frames: int) -> None:
        now = self.client.last_frame_time
        state, position = self.client.transport_query_struct()
        if state == self.jack.ROLLING:
            self.rolling.append((now, position.frame))
        self.frames.append(now)
        self.sound.append(np.stack([port.get_array() for port in self.audio], axis=1))
        self.messages += [(now + offset, bytes(data)) for offset, data in self.midi.incoming_midi_events()]

    def hits(self, channel: int = 0) -> np.ndarray:
        """Server frames of the clicks."""
        found = [
            start + np.flatnonzero(block[:, channel]) for start, block in zip(self.frames, self.sound, strict=True)
        ]
        return np.concatenate(found) if found else np.zeros(0, int)

    def log(self) -> tuple[list[int], list[tuple[int, int]], list[tuple[int, bytes]]]:
        """Server frames at the start of periods, transport frames, and messages."""
        return self.frames, self.rolling, self.messages

    def now(self) -> int:
        """The server's frame."""
        return int(self.client.frame_time)

    def roll(self, frame: int | None = None) -> None:
        """Starts the transport, at a frame."""
        if frame is not None:
            self.client.transport_frame = frame
        self.client.transport_start()

    def halt(self) -> None:
        """Stops the transport."""
        self.client.transport_stop()

    def delay(self, frames: list[int]) -> None:
        """Reports a playback latency in frames per port; JACK passes it to all clients connected to it."""
        self.later = frames
        self.library.jack_recompute_total_latencies(self._pointer(self.client))

    def _pointer(self, thing: Any) -> ctypes.c_void_p:
        return ctypes.c_void_p(int(self.jack._ffi.cast("uintptr_t", thing._ptr)))

    def _tell_latencies(self, mode: int, _: object) -> None:
        for port, later in zip(self.audio, self.later, strict=True):
            frames = later if mode == PLAYBACK else 0
            both = (ctypes.c_uint32 * 2)(frames, frames)
            self.library.jack_port_set_latency_range(self._pointer(port), mode, both)

    def latest(self, frames: int) -> np.ndarray:
        """The most recent input; shorter at the start."""
        sound = self.sound[-(frames // len(self.sound[0])) :]
        return np.concatenate(sound)

    def connect(self, source: str, target: str) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                self.client.connect(source, target)
                return
            except self.jack.JackError:
                assert time.monotonic() < deadline, f"{source} -> {target}"
                time.sleep(0.05)

    def close(self) -> None:
        self.client.deactivate()
        self.client.close()


class Sender:
    """A JACK client that sends messages, each at its server frame."""

    def __init__(self, messages: list[tuple[int, bytes]]) -> None:
        self.left = messages
        import jack

        self.client = jack.Client("sender", no_start_server=True)
        self.port = self.client.midi_outports.register("clock")
        self.client.set_process_callback(self._process)
        self.client.activate()

    def _process(self, frames: int) -> None:
        now = self.client.last_frame_time
        self.port.clear_buffer()
        while self.left and self.left[0][0] < now + frames:
            frame, data = self.left.pop(0)
            self.port.write_midi_event(max(0, frame - now), data)

    def close(self) -> None:
        self.client.deactivate()
        self.client.close()


class _Manager(BaseManager):
    pass


_Manager.register("Ear", Ear)
_Manager.register("Sender", Sender)


@contextmanager
def clients() -> Iterator[Any]:
    """The place to create an `Ear` and a `Sender`."""
    if importlib.util.find_spec("jack") is None:
        missing("JACK-Client")
    manager = _Manager(ctx=get_context("spawn"))
    manager.start()
    try:
        yield manager
    finally:
        manager.shutdown()
