"""`Gain` is a node like any other; it lives in `graph.node`, as levels and sends in a patch are made of it."""

from __future__ import annotations

from graph.node.arithmetic import Gain

__all__ = ["Gain"]
