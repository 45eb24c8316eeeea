"""A graph that sounds: rendered offline, or live on a device, with its recordings.

Floor 12: imports `devices`, `ports`, `engine` and below. `Live`, `Offline` and `Renderer` are the doors that
`Graph` opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.play.live import Live
    from graph.play.offline import Offline
    from graph.play.render import Renderer

_LATER = {"Live": "graph.play.live", "Offline": "graph.play.offline", "Renderer": "graph.play.render"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'graph.play' has no attribute '{name}'")


__all__ = ["Live", "Offline", "Renderer"]
