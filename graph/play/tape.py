"""Recording during playback: the audio thread fills a ring, from which Python writes a file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from graph.engine.engine import Engine
from graph.errors import AudioFileError
from graph.media.sound_file import new_take
from graph.memory.arena import Arena
from graph.memory.tables import TAPE

SECONDS = 10.0
"""Length of the ring: a writer delayed for longer loses frames."""


class Tape:
    """[control] Records an engine's output to a file; call `write` a few times per second.

    The file exists from the start and is readable at any moment; its suffix selects the format. If the name is
    taken, the file gets a new one: see `file.path`.
    """

    def __init__(self, engine: Engine, path: str | Path) -> None:
        self.engine = engine
        self.file = new_take(Path(path), engine.rate, engine.channels)
        self._capacity = round(SECONDS * engine.rate)
        arena = Arena()
        head, frames = arena.reserve(TAPE.itemsize), arena.reserve(4 * self._capacity * engine.channels)
        arena.allocate()
        self._arena = arena
        self._record = arena.array(head, 1, TAPE)[0]
        self._frames = arena.array(frames, (self._capacity, engine.channels), np.float32)
        self._record["frames"], self._record["address"] = self._capacity, arena.base + frames
        engine.record(arena.base + head)

    @property
    def seconds(self) -> float:
        """Seconds written so far."""
        return self.file.frames / self.engine.rate

    @property
    def lost(self) -> int:
        """Frames lost because the ring was full."""
        return int(self._record["lost"])

    def write(self) -> None:
        """Writes the frames since the previous call."""
        tail, head = int(self._record["tail"]), int(self._record["head"])
        while tail < head:
            start = tail % self._capacity
            count = min(head - tail, self._capacity - start)
            self.file.write(self._frames[start : start + count])
            tail += count
            self._record["tail"] = tail

    def close(self) -> None:
        """Ends the recording; the file is complete."""
        self.engine.record(0)
        try:
            self.write()
        finally:
            self.file.close()

    def keep(self) -> float:
        """Ends a recording after a write error; returns the length of the file in seconds."""
        self.engine.record(0)
        with suppress(AudioFileError):
            self.file.close()
        return self.seconds
