"""What a `@per_sample` function has to be like: checked when its class is made, so that a mistake names the class."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from graph.errors import NodeError, several
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Out, Port, State


def check_sample(node: str, words: list[str], fields: dict[str, Field]) -> None:
    """Raises NodeError where the declaration of `node` is not one that a loop over samples can run; `words` are its
    function's parameters.
    """
    for word in words:
        if word not in fields and word not in FRAMEWORK_FIELDS + LANE_FIELDS:
            raise NodeError(f"{node}.process asks for '{word}', which is not declared")
    widths = set()
    for name, field in fields.items():
        if isinstance(field, Port) and field.kind != "signal":
            raise NodeError(f"{node}.{name}: @per_sample is for signals; write process(block) for {field.kind}")
        if isinstance(field, In) or (isinstance(field, Out) and (field.voices, field.channels) != (None, None)):
            widths.add((field.voices, field.channels))
        if isinstance(field, State) and not field.per_lane:
            raise NodeError(f"{node}.{name}: @per_sample has one value of a State a lane; leave its shape out")
        if isinstance(field, In | State) and name not in words:
            raise NodeError(f"{node}.process does not ask for '{name}', which is declared")
    if len(widths) > 1:
        raise NodeError(f"{node}: @per_sample needs all its ports of one width; write process(block) instead")


def check_returns(node: str, sample: Callable[..., Any], wanted: list[str]) -> None:
    """Raises NodeError where the text of `sample` shows that it does not return one value for each name in `wanted`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(sample)))
    except (OSError, TypeError, SyntaxError):
        return
    for found in ast.walk(tree):
        if not isinstance(found, ast.Return) or found.value is None:
            continue
        known = isinstance(found.value, ast.Tuple | ast.BinOp | ast.Constant)  # a call or a name may be several
        count = len(found.value.elts) if isinstance(found.value, ast.Tuple) else 1
        if known and count != len(wanted):
            raise NodeError(
                f"{node}.process returns {several(count, 'value')}, but its outputs and then its states "
                f"are {len(wanted)}: return {', '.join(wanted)}"
            )
