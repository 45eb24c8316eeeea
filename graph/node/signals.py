"""Arithmetic on cables in Python: each operator creates a node.

Nodes have operators, and operators create nodes. `MADE` breaks that import cycle: `graph.node.arithmetic` registers
its classes there, and `graph.node.values` its parser; `graph` imports both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from graph.errors import GraphError

if TYPE_CHECKING:
    from graph.node.node import Cable, Node

MADE: dict[str, Callable[..., Any]] = {}
"""Node classes by name, and `constant`, which reads a number with its unit."""

Value: TypeAlias = "float | str | Cable | Node"
"""Values accepted by an input in Python; text has a unit, such as "2 kHz"."""


class Signals:
    """Arithmetic on anything usable as a cable.

    `+ - * / %`, `abs()` and the comparisons `< <= > >=` create nodes; comparisons output 1 or 0. `==` and `!=` compare
    the Python objects, as usual: `Compare(a=x, b=y, test="equal")` compares their signals.
    """

    __array_ufunc__ = None  # `np.float32(2) * node` calls the node, not NumPy

    def __add__(self, other: Value) -> Node:
        return _new("Add", a=self, b=other)

    def __radd__(self, other: Value) -> Node:
        return _new("Add", a=other, b=self)

    def __sub__(self, other: Value) -> Node:
        return _new("Subtract", a=self, b=other)

    def __rsub__(self, other: Value) -> Node:
        return _new("Subtract", a=other, b=self)

    def __mul__(self, other: Value) -> Node:
        return _new("Multiply", a=self, b=other)

    def __rmul__(self, other: Value) -> Node:
        return _new("Multiply", a=other, b=self)

    def __truediv__(self, other: Value) -> Node:
        return _new("Divide", a=self, b=other)

    def __rtruediv__(self, other: Value) -> Node:
        return _new("Divide", a=other, b=self)

    def __mod__(self, other: Value) -> Node:
        return _new("Modulo", a=self, b=other)

    def __rmod__(self, other: Value) -> Node:
        return _new("Modulo", a=other, b=self)

    def __neg__(self) -> Node:
        return _new("Multiply", a=self, b=-1.0)

    def __abs__(self) -> Node:
        return _new("Abs", a=self)

    def __gt__(self, other: Value) -> Node:
        return _new("Compare", a=self, b=other, test="above")

    def __lt__(self, other: Value) -> Node:
        return _new("Compare", a=self, b=other, test="below")

    def __ge__(self, other: Value) -> Node:
        return _new("Compare", a=self, b=other, test="at_least")

    def __le__(self, other: Value) -> Node:
        return _new("Compare", a=self, b=other, test="at_most")

    def __bool__(self) -> bool:
        raise GraphError(
            "a cable is neither true nor false while the graph is built: `and`, `or`, `if`, `min` and `max` cannot "
            "read it; multiply gates for `and`, and use minimum(a, b) and maximum(a, b) from graph"
        )


def minimum(a: Value, b: Value) -> Node:
    """The lower of two signals in every frame; one of them may be a number."""
    return _new("Minimum", a=a, b=b)


def maximum(a: Value, b: Value) -> Node:
    """The higher of two signals in every frame; one of them may be a number."""
    return _new("Maximum", a=a, b=b)


def _new(name: str, **inputs: Any) -> Node:
    made: Node = MADE[name](**inputs)
    return made
