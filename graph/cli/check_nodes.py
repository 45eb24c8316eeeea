"""The part of `graphrun check` for Python files of nodes: compiles every kernel and tries it on test signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graph.errors import GraphrunError, Problem, SourceError
from graph.native.cache import addresses, node_unit
from graph.node.library import load_nodes_file
from graph.node.lint.declarations import undocumented
from graph.node.lint.source import function_problem
from graph.node.node import Node, Setup
from graph.plan.states import first_states
from graph.testing.contract import FRAMES, run, stimuli

RATE = 48_000.0


def check_nodes(path: str) -> tuple[list[Problem], list[Problem], int]:
    """[control] The mistakes and the warnings of a file of nodes, and how many nodes it has.

    Loads the file, calls `prepare` with the default options, compiles what has no mistake so far, and runs it in
    plain Python on silence, an impulse, noise and both ends of every declared range: there, an index out of range
    is an IndexError with a line, where native code would read foreign memory.
    """
    try:
        classes = load_nodes_file(path)
    except GraphrunError as error:
        return problems_of(error, path), [], 0
    mistakes: list[Problem] = []
    warnings: list[Problem] = []
    for cls in classes.values():
        found = _prepared(cls) or _compiled(cls)
        mistakes += found
        warnings += undocumented(cls)
        if not found:
            wrong, odd = _tried(cls)
            mistakes += wrong
            warnings += odd
    return sorted({*mistakes}), sorted({*warnings}), len(classes)


def problems_of(error: GraphrunError, path: str) -> list[Problem]:
    """The problems that an error holds, or one with its text; `FILE:LINE: ` at its start is its position."""
    found: Sequence[Problem] = getattr(error, "problems", ())
    if found:
        return list(found)
    text = str(error).removeprefix(f"{path}:")
    line, colon, rest = text.partition(": ")
    if colon and line.isdigit():
        return [Problem(path, int(line), 1, rest)]
    return [Problem(path, 1, 1, text.strip())]


def _prepared(cls: type[Node]) -> list[Problem]:
    """What is wrong with `prepare` for the default options; a file that is not given yet is no mistake."""
    node = cls()
    try:
        first_states(node, Setup(node.label, RATE, 64, 1, 1))
    except SourceError as error:
        return list(error.problems)
    except GraphrunError:
        pass
    return []


def _compiled(cls: type[Node]) -> list[Problem]:
    try:
        addresses([node_unit(cls)])
    except GraphrunError as error:
        return problems_of(error, cls.__name__)
    return []


def _tried(cls: type[Node]) -> tuple[list[Problem], list[Problem]]:
    """Mistakes and warnings from a run on test signals."""
    written = cls.kernel.written
    for word, inputs in stimuli(cls):
        try:
            outputs = run(cls, FRAMES // 2, RATE, inputs, plain=True, frames=FRAMES // 2)
        except GraphrunError:
            return [], []  # it needs an option that only a patch can give
        except Exception as error:  # a user's code may raise anything; the message names its line
            text = f"{cls.__name__} raises {type(error).__name__} for {word}: {error}"
            return [_raised(error, written, text)], []
        for name, value in outputs.items():
            if not np.isfinite(value).all():
                return [], [_not_finite(cls, name, word, value)]
    return [], []


def _raised(error: Exception, written: Any, text: str) -> Problem:
    import traceback

    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == written.__code__.co_filename]
    hint = ": native code would read foreign memory there" if isinstance(error, IndexError) else ""
    return function_problem(written, text + hint, (frames[-1].lineno or 0) if frames else 0)


def _not_finite(cls: type[Node], name: str, word: str, value: np.ndarray[Any, Any]) -> Problem:
    from graph.node.lint.risks import risk

    at, advice = risk(cls.kernel.written)
    what = "NaN" if np.isnan(value).any() else "infinite"
    problem = function_problem(cls.kernel.written, f"{cls.__name__}.{name} is {what} for {word}: {advice}")
    if at is None:
        return problem
    found = function_problem(cls.kernel.written, problem.message, at.lineno)
    return replace(found, column=at.col_offset + 1)
