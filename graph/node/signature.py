"""Call signature of a node class: `inspect.signature(Saw)` lists its inputs and options with defaults."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any

from graph.node.ports import Field, In, Option


class Unconnected:
    """Default of an input without a number: no cable is connected."""

    def __repr__(self) -> str:
        return "unconnected"


UNCONNECTED = Unconnected()


class CallSignature:
    """`__signature__` of a node class, derived from its declarations on access.

    Editors, notebooks and `help` read it. Inputs and options are in declaration order, like positional arguments;
    `name` is a keyword of every node.
    """

    def __get__(self, node: Any, cls: type) -> Signature:
        words = [Parameter(key, Parameter.POSITIONAL_OR_KEYWORD, default=default) for key, default in defaults(cls)]
        return Signature([*words, Parameter("name", Parameter.KEYWORD_ONLY, default=None)])


def defaults(cls: type) -> list[tuple[str, Any]]:
    """Inputs and options of a node class, each with its default."""
    fields: Mapping[str, Field] = cls.fields  # type: ignore[attr-defined]
    found: list[tuple[str, Any]] = []
    for key, field in fields.items():
        if isinstance(field, In):
            found.append((key, UNCONNECTED if field.default is None else field.default))
        elif isinstance(field, Option):
            found.append((key, field.default))
    return found
