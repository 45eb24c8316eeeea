"""Checks a `@per_sample` function when its class is created, so that an error names the class."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from graph.errors import NodeError, several
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Out, Port, State


def check_sample(node: str, words: list[str], fields: dict[str, Field], together: bool = False) -> None:
    """NodeError if `node`'s declarations do not allow a loop over samples; `words` are its parameters.

    together   the channels of a voice are one call, as `@per_voice` has it
    """
    form = "@per_voice" if together else "@per_sample"
    check_words(node, words, fields, ("voice",) if together else LANE_FIELDS)
    for name, field in fields.items():
        if isinstance(field, Port) and field.kind != "signal":
            raise NodeError(f"{node}.{name}: {form} handles signals only; write process(block) for {field.kind}")
        if together and isinstance(field, In | Out) and (field.channels not in (1, 2) or field.voices not in (None, 1)):
            raise NodeError(f"{node}.{name}: @per_voice needs channels=1 or channels=2 at every port")
        if isinstance(field, In | State) and name not in words:
            raise NodeError(f"{node}.process has no parameter '{name}', which is declared")
    if not together and not _fit(fields):
        raise NodeError(
            f"{node}: @per_sample needs outputs as wide as the node, and inputs as wide or of one voice or channel; "
            "use @per_voice, or write process(block)"
        )


def check_words(node: str, words: list[str], fields: dict[str, Field], given: tuple[str, ...]) -> None:
    """NodeError if a parameter is neither declared nor a framework field nor `given` by the loop."""
    for word in words:
        if word not in fields and word not in FRAMEWORK_FIELDS + given:
            raise NodeError(f"{node}.process has a parameter '{word}' that is not declared")


def mixed(fields: dict[str, Field]) -> bool:
    """Whether some inputs have fewer voices or channels than others."""
    return len({(field.voices, field.channels) for field in fields.values() if isinstance(field, In)}) > 1


def _fit(fields: dict[str, Field]) -> bool:
    """Whether every port has the node's width, but for inputs of one voice or one channel."""
    ins = [field for field in fields.values() if isinstance(field, In)]
    outs = [field for field in fields.values() if isinstance(field, Out)]
    for count in ("voices", "channels"):
        wide = {getattr(port, count) for port in ins} or {None}
        wide = wide - {1} or wide
        if len(wide) > 1 or not {getattr(port, count) for port in outs} <= wide | {None}:
            return False
    return True


def check_returns(node: str, sample: Callable[..., Any], wanted: list[str]) -> None:
    """NodeError if the source of `sample` does not return one value for each name in `wanted`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(sample)))
    except (OSError, TypeError, SyntaxError):
        return
    for found in ast.walk(tree):
        if not isinstance(found, ast.Return) or found.value is None:
            continue
        known = isinstance(found.value, ast.Tuple | ast.BinOp | ast.Constant)  # a call or a name may be a tuple
        count = len(found.value.elts) if isinstance(found.value, ast.Tuple) else 1
        if known and count != len(wanted):
            raise NodeError(
                f"{node}.process returns {several(count, 'value')}, but its outputs and then its states "
                f"are {len(wanted)}: return {', '.join(wanted)}"
            )
