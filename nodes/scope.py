from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.native import store_release


class Scope(Node, family="Measuring"):
    """Oscilloscope buffer: keeps the last seconds of a signal for a display and passes it through.

    The audio thread writes a ring buffer that any thread may read during playback, with no lock and no copy in the
    callback. `Scope.latest` returns it in order, and reads again if the writer has overtaken the read.

    ring, written = engine.state("scope", "ring"), engine.state("scope", "written")
    picture = Scope.latest(ring, written, 1_000)
    """

    audio = In(doc="Signal to display.")
    seconds = Option(1.0, "s", min=0.01, max=60.0, doc="Length of the buffer.")
    out = Out(doc="Input signal, unchanged.")
    ring = State(ndim=2, doc="Ring buffer (frames, lanes); the length is a power of two.")
    written = State(shape=1, dtype=np.int64, doc="Frames written since the start; modulo the length, the next index.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        frames = 1 << int(np.ceil(np.log2(self.seconds * setup.sample_rate + 1)))
        return {"ring": np.zeros((2 * frames, setup.lanes), np.float32)}

    @staticmethod
    def latest(ring: Any, written: Any, frames: int) -> Any:
        """[control] The latest `frames` frames in order, (frames, lanes); at most half the ring."""
        frames = min(frames, len(ring) // 2)
        while True:
            end = int(written[0])
            picture = ring[np.arange(end - frames, end) & (len(ring) - 1)]
            if int(written[0]) - end < len(ring) - frames:
                return picture

    @kernel
    def process(block):
        ring = block.ring
        written = block.written[0]
        for frame in range(block.frames):
            row = written & (ring.shape[0] - 1)
            for lane in range(block.lanes):
                audio = block.audio[frame, lane]
                ring[row, lane] = audio
                block.out[frame, lane] = audio
            written += 1
        store_release(block.written, 0, written)
