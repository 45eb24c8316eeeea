"""`Merge` is a node like any other; it lives in `graph.arithmetic`, as lists of events in a patch are made of it."""

from __future__ import annotations

from graph.arithmetic import Merge

__all__ = ["Merge"]
