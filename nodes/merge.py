"""`Merge` is defined in `graph.node`, because lists of event cables in a patch become Merge nodes."""

from __future__ import annotations

from graph.node.arithmetic import Merge

__all__ = ["Merge"]
