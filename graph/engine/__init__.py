"""The control side of one running plan: parameters, swaps, the rings to the audio thread, and gauges.

Floor 8: imports `plan`, `audio_thread` and below. `Engine` is the entry point; `gauges` and `ending` read an engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.engine.engine import Engine

_LATER = {"Engine": "graph.engine.engine"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'graph.engine' has no attribute '{name}'")


__all__ = ["Engine"]
