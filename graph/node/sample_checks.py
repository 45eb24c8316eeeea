"""Checks a `@per_sample` function when its class is created, so that an error names the class."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from graph.errors import NodeError, several
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Out, Port, State


def check_sample(node: str, words: list[str], fields: dict[str, Field]) -> None:
    """NodeError if `node`'s declarations do not allow a loop over samples; `words` are its parameters."""
    for word in words:
        if word not in fields and word not in FRAMEWORK_FIELDS + LANE_FIELDS:
            raise NodeError(f"{node}.process has a parameter '{word}' that is not declared")
    widths = set()
    for name, field in fields.items():
        if isinstance(field, Port) and field.kind != "signal":
            raise NodeError(f"{node}.{name}: @per_sample handles signals only; write process(block) for {field.kind}")
        if isinstance(field, In) or (isinstance(field, Out) and (field.voices, field.channels) != (None, None)):
            widths.add((field.voices, field.channels))
        if isinstance(field, State) and not field.per_lane:
            raise NodeError(f"{node}.{name}: @per_sample keeps one State value per lane; remove the shape")
        if isinstance(field, In | State) and name not in words:
            raise NodeError(f"{node}.process has no parameter '{name}', which is declared")
    if len(widths) > 1:
        raise NodeError(f"{node}: @per_sample needs ports of equal width; write process(block) instead")


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
