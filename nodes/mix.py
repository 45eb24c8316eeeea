"""`Mix` is a node like any other; it lives in `graph.node`, as the framework itself sums voices with it."""

from __future__ import annotations

from graph.node.arithmetic import Mix

__all__ = ["Mix"]
