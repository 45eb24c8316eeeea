"""Reads a patch into a `Net`, or reports every error at once with its position.

Floor 7: imports `model`, `node` and `language`. `read` returns a `Patch`; scripts use `from graph import load`.

Public for nodes: `bundled_files` and `constant`, for options that name bundled files or hold quantities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.node.values import constant
    from graph.patch.bundle import bundled_files
    from graph.patch.patch import Patch, apply, read, read_text

__getattr__ = lazily(
    __name__,
    {
        "Patch": "graph.patch.patch",
        "apply": "graph.patch.patch",
        "bundled_files": "graph.patch.bundle",
        "constant": "graph.node.values",
        "read": "graph.patch.patch",
        "read_text": "graph.patch.patch",
    },
)

__all__ = ["Patch", "apply", "bundled_files", "constant", "read", "read_text"]
