"""`Mix` is a node like any other; it lives in `graph.arithmetic`, as the framework itself sums voices with it."""

from __future__ import annotations

from graph.arithmetic import Mix

__all__ = ["Mix"]
