"""From the text of a patch to a `Net`, or to every mistake at once with its place.

Floor 7: imports `model`, `node` and `language`. `read` gives a `Patch`; scripts say `from graph import load`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.patch.patch import Patch, apply, read, read_text

_LATER = dict.fromkeys(("Patch", "apply", "read", "read_text"), "graph.patch.patch")


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'graph.patch' has no attribute '{name}'")


__all__ = ["Patch", "apply", "read", "read_text"]
