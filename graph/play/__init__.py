"""A graph that sounds: rendered offline, or live on a device, with its recordings.

Floor 12: imports `devices`, `ports`, `engine` and below. `Live` and `Renderer` are the doors, and `Graph` opens them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.play.live import Live
    from graph.play.render import Renderer

__getattr__ = lazily(
    __name__,
    {
        "Live": "graph.play.live",
        "Renderer": "graph.play.render",
    },
)

__all__ = ["Live", "Renderer"]
