"""Where a kernel may become infinite or NaN: the first division, remainder, root or logarithm in its source."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from graph.node.lint.source import Subject

ROOTS = {"sqrt": "0.0", "log": "1e-9", "log2": "1e-9", "log10": "1e-9", "log1p": "-0.999999"}
ARCS = {"asin", "acos", "arcsin", "arccos", "atanh", "arctanh"}
CLAMP = "clamp what grows with `min` and `max`, or declare `min=` and `max=` of the input"


def risk(function: Callable[..., Any], line: int = 0) -> tuple[Any, str]:
    """The operation that is the likely cause, or None, and what to write in its place.

    line   where plain Python raised, if it did
    """
    subject = Subject(function, None, "sample")
    parts = [each for each in ast.walk(subject.tree) if hasattr(each, "lineno")] if subject.tree else []
    found = sorted((each for each in parts if line in (0, each.lineno) and _advice(subject, each)), key=_place)
    return (found[0], _advice(subject, found[0])) if found else (None, CLAMP)


def _place(at: Any) -> tuple[int, int]:
    return at.lineno, at.col_offset


def _advice(subject: Subject, at: ast.AST) -> str:
    if isinstance(at, ast.BinOp) and isinstance(at.op, ast.Div | ast.Mod | ast.FloorDiv):
        if isinstance(at.right, ast.Constant):
            return ""
        divisor = subject.text(at.right)
        return f"`{divisor}` may be 0: write `{subject.text(at)} if {divisor} != 0.0 else 0.0`, or declare its `min=`"
    if isinstance(at, ast.Call) and at.args:
        name = (
            at.func.attr if isinstance(at.func, ast.Attribute) else at.func.id if isinstance(at.func, ast.Name) else ""
        )
        inner = subject.text(at.args[0])
        if name in ROOTS:
            return f"`{inner}` may be too low: write `{subject.text(at.func)}(max({inner}, {ROOTS[name]}))`"
        if name in ARCS:
            return f"`{inner}` may leave -1 .. 1: write `{subject.text(at.func)}(min(max({inner}, -1.0), 1.0))`"
        if name in ("exp", "exp2", "pow", "sinh", "cosh"):
            return f"`{inner}` may be too high: write `{subject.text(at.func)}(min({inner}, 80.0))`"
    if isinstance(at, ast.BinOp) and isinstance(at.op, ast.Pow) and not isinstance(at.right, ast.Constant):
        return f"`{subject.text(at.left)}` may be below 0: write `max({subject.text(at.left)}, 0.0)`"
    return ""
