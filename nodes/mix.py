"""`Mix` is defined in `graph.node`, because the framework itself sums voices with it."""

from __future__ import annotations

from graph.node.arithmetic import Mix

__all__ = ["Mix"]
