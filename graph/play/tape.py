"""Recording while playing: the audio thread fills a ring, and a file is written from it."""

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
"""How long the writer may be held up before frames are lost."""


class Tape:
    """[control] Writes all that an engine plays into a file; call `write` a few times a second.

    The file is visible from the start and readable at any moment; its suffix says the format. Where the name is
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
        """How much has been written."""
        return self.file.frames / self.engine.rate

    @property
    def lost(self) -> int:
        """Frames for which there was no room."""
        return int(self._record["lost"])

    def write(self) -> None:
        """Writes the samples since the previous call."""
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
        """Ends a recording that cannot go on; how many seconds the file has."""
        self.engine.record(0)
        with suppress(AudioFileError):
            self.file.close()
        return self.seconds
