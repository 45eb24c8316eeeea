"""All mistakes in the source of a node class, and of the functions with `@inline` that its kernel calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from graph.errors import Problem, SourceError
from graph.native import functions as native
from graph.node.lint.arrays import arrays
from graph.node.lint.flow import flow
from graph.node.lint.names import names
from graph.node.lint.signature import results
from graph.node.lint.source import Subject
from graph.node.lint.statements import statements

_collected: ContextVar[list[Problem] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[list[Problem]]:
    """[control] Within the block, a class with mistakes raises nothing: they are added to the list that it yields."""
    found: list[Problem] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def refuse(problems: list[Problem]) -> None:
    """[control] Raises a SourceError with the problems, or adds them to the list of `collecting`."""
    found = _collected.get()
    if found is None:
        raise SourceError(problems)
    found += problems


def mistakes(cls: Any) -> list[Problem]:
    """[control] The mistakes in the kernel of a class, in file order; none if its source cannot be read."""
    kernel = cls.kernel
    done: set[int] = set()
    waiting: list[tuple[FunctionType, str]] = [(kernel.written, "")]
    problems: set[Problem] = set()
    while waiting:
        function, role = waiting.pop()
        if id(function) in done or function.__module__ == native.__name__:
            continue
        done.add(id(function))
        calls = _clean.get(function) if role else None
        if calls is None:
            subject = Subject(function, cls, role)
            calls = names(subject)
            for examine in (results, statements, arrays, flow):
                examine(subject)
            problems.update(_first_of_each_line(subject.problems))
            if not subject.problems and role == "inline":
                _clean[function] = calls
        waiting += [(called, "inline") for called in calls]
    return sorted(problems)


_clean: WeakKeyDictionary[FunctionType, list[FunctionType]] = WeakKeyDictionary()
"""Functions without mistakes that several kernels share, and what they call."""


def _first_of_each_line(problems: list[Problem]) -> list[Problem]:
    """One problem per line: what else is found there often follows from it."""
    return list({each.line: each for each in sorted(problems, reverse=True)}.values())


def check(cls: Any) -> None:
    """[control] Raises a SourceError with all mistakes in the kernel of a class."""
    found = mistakes(cls)
    if found:
        raise SourceError(found)
