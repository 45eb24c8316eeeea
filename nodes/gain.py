"""`Gain` is defined in `graph.node` because a patch's levels and sends are made of it."""

from __future__ import annotations

from graph.node.arithmetic import Gain

__all__ = ["Gain"]
