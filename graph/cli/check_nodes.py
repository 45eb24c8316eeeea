"""The part of `graphrun check` for Python files of nodes: compiles every kernel and tries it on test signals."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graph.errors import GraphrunError, Problem, SourceError, shown
from graph.native.cache import addresses, node_unit
from graph.node.library import load_nodes_file
from graph.node.lint.declarations import undocumented
from graph.node.lint.risks import risk
from graph.node.lint.source import function_problem
from graph.node.node import Node, Setup
from graph.plan.states import first_states
from graph.testing.contract import FRAMES, run, stimuli

RATE = 48_000.0


@dataclass
class Checked:
    """What was found in one file: mistakes, warnings, and the classes that loaded."""

    path: str
    classes: list[type[Node]] = field(default_factory=list)
    mistakes: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(self, mistakes: Iterable[Problem], warnings: Iterable[Problem] = ()) -> None:
        """Adds what is new, in file order."""
        self.mistakes = sorted({*self.mistakes, *mistakes})
        self.warnings = sorted({*self.warnings, *warnings})


def check_nodes(paths: Sequence[str]) -> list[Checked]:
    """[control] What is wrong with files of nodes.

    Loads each file, calls `prepare` with the default options, compiles all kernels without a mistake so far in
    parallel, and runs them in plain Python on silence, an impulse, noise and both ends of every declared range:
    there, an index out of range is an IndexError with a line, where native code would read foreign memory.
    """
    files = [Checked(path) for path in paths]
    sound: list[tuple[Checked, type[Node]]] = []
    for file in files:
        try:
            file.classes = [*load_nodes_file(file.path).values()]
        except GraphrunError as error:
            file.add(problems_of(error, file.path))
        for cls in file.classes:
            found = _prepared(cls)
            file.add(found, undocumented(cls))
            sound += [] if found else [(file, cls)]
    refused = _compiled(sound)
    for file, cls in sound:
        if cls not in refused:
            file.add(*_tried(cls))
    return files


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


def _compiled(sound: Sequence[tuple[Checked, type[Node]]]) -> set[type[Node]]:
    """Compiles kernels together; adds what is wrong to their files, and returns the classes that are refused."""
    if not sound:
        return set()
    try:
        addresses([node_unit(cls) for _, cls in sound])
        return set()
    except GraphrunError as error:
        problems = problems_of(error, sound[0][0].path)
    refused = set()
    for problem in problems:
        named = [(file, cls) for file, cls in sound if problem.message.startswith(f"{cls.__name__} ")]
        here = [(file, cls) for file, cls in named if problem.file == _file(cls)]
        for file, cls in here or named or sound:  # the place may be in a helper's file, or unknown
            file.add([problem])
            refused.add(cls)
    return refused


def _file(cls: type[Node]) -> str:
    return shown(str(getattr(sys.modules.get(cls.__module__), "__file__", "")))


def _tried(cls: type[Node]) -> tuple[list[Problem], list[Problem]]:
    """Mistakes and warnings from a run on test signals."""
    written = cls.kernel.written
    for word, inputs in stimuli(cls):
        try:
            outputs = run(cls, FRAMES // 2, RATE, inputs, plain=True, frames=FRAMES // 2)
        except GraphrunError:
            return [], []  # it needs an option that only a patch can give
        except (ArithmeticError, ValueError) as error:  # native code gives NaN or infinity there
            frame = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == written.__code__.co_filename]
            return [], [_not_finite(cls, f"{cls.__name__} is not finite for {word} ({error})", frame[-1].lineno or 0)]
        except Exception as error:  # a user's code may raise anything; the message names its line
            text = f"{cls.__name__} raises {type(error).__name__} for {word}: {error}"
            return [_raised(error, written, text)], []
        for name, value in outputs.items():
            if not np.isfinite(value).all():
                what = "NaN" if np.isnan(value).any() else "infinite"
                return [], [_not_finite(cls, f"{cls.__name__}.{name} is {what} for {word}")]
    return [], []


def _raised(error: Exception, written: Any, text: str) -> Problem:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == written.__code__.co_filename]
    hint = ": native code would read foreign memory there" if isinstance(error, IndexError) else ""
    return function_problem(written, text + hint, (frames[-1].lineno or 0) if frames else 0)


def _not_finite(cls: type[Node], text: str, line: int = 0) -> Problem:
    at, advice = risk(cls.kernel.written, line)
    problem = function_problem(cls.kernel.written, f"{text}: {advice}", at.lineno if at else line)
    return replace(problem, column=at.col_offset + 1) if at else problem
