"""Reads a patch into a `Net`, or reports every error at once with its position.

Floor 7: imports `model`, `node` and `language`. `read` returns a `Patch`; scripts use `from graph import load`.
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
