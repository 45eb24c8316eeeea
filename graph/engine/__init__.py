"""The control side of one running plan: parameters, swaps, the rings to the audio thread, and gauges.

Floor 8: imports `plan`, `audio_thread` and below. `Engine` is the entry point; `gauges` and `ending` read an engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.engine.engine import Engine

__getattr__ = lazily(
    __name__,
    {
        "Engine": "graph.engine.engine",
    },
)

__all__ = ["Engine"]
