"""How a node class is called: `inspect.signature(Saw)` lists its inputs and options with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any

from graph.node.ports import Field, In, Option


class Unconnected:
    """The default of an input without a number: no cable ends there."""

    def __repr__(self) -> str:
        return "unconnected"


UNCONNECTED = Unconnected()


class CallSignature:
    """A node class's `__signature__`, made from its declarations when it is asked for.

    Editors, notebooks and `help` read it. Inputs and options come in the order of their declaration, as
    positional arguments do; `name` is the keyword that every node takes.
    """

    def __get__(self, node: Any, cls: type) -> Signature:
        words = [Parameter(key, Parameter.POSITIONAL_OR_KEYWORD, default=default) for key, default in defaults(cls)]
        return Signature([*words, Parameter("name", Parameter.KEYWORD_ONLY, default=None)])


def defaults(cls: type) -> list[tuple[str, Any]]:
    """The inputs and options of a node class, each with its default."""
    fields: Mapping[str, Field] = cls.fields  # type: ignore[attr-defined]
    found: list[tuple[str, Any]] = []
    for key, field in fields.items():
        if isinstance(field, In):
            found.append((key, UNCONNECTED if field.default is None else field.default))
        elif isinstance(field, Option):
            found.append((key, field.default))
    return found
