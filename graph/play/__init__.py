"""Playback: a graph live on a device or rendered offline, and its recordings.

Floor 12: imports `devices`, `ports`, `engine` and below. `Live`, `Offline` and `Renderer` are the entry points that
`Graph` uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.play.live import Live
    from graph.play.offline import Offline
    from graph.play.render import Renderer

__getattr__ = lazily(
    __name__,
    {
        "Live": "graph.play.live",
        "Offline": "graph.play.offline",
        "Renderer": "graph.play.render",
    },
)

__all__ = ["Live", "Offline", "Renderer"]
