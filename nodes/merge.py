"""`Merge` is a node like any other; it lives in `graph.node`, as lists of events in a patch are made of it."""

from __future__ import annotations

from graph.node.arithmetic import Merge

__all__ = ["Merge"]
