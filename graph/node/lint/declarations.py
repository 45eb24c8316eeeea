"""Mistakes in the declarations of a class body, found when the class is created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.errors import Problem, did_you_mean
from graph.node.lint.source import class_problem
from graph.node.ports import FRAMEWORK_FIELDS, Field, Out, Source, State

RENAMED = {"delays": "breaks_cycles", "verify": "validate"}


def reserved(cls: type, own: Mapping[str, Field], base: type) -> list[Problem]:
    """Declarations under a name that the framework uses itself, and class words that have changed."""
    found = []
    for old, new in RENAMED.items():
        if old in vars(cls) and not isinstance(vars(cls)[old], Field):
            found.append(class_problem(cls, old, f"{cls.__name__}.{old} is now '{new}'"))
    for name in own:
        if hasattr(base, name) or name in base.__annotations__ or name in FRAMEWORK_FIELDS or name.startswith("_"):
            text = f"{cls.__name__}.{name}: '{name}' is a word of the framework; choose another name"
            found.append(class_problem(cls, name, text))
    return found


def outputs(cls: type, fields: Mapping[str, Field]) -> list[Problem]:
    """A class with a kernel and without an output."""
    taps = any(isinstance(field, Source) and field.source == "taps" for field in fields.values())
    if taps or any(isinstance(field, Out) for field in fields.values()):
        return []
    text = f'{cls.__name__}: a node needs an output; write `out = Out(doc="...")` in the class body'
    return [class_problem(cls, "", text)]


def no_process(cls: Any) -> list[Problem]:
    """A class of a node file that declares outputs and has no `process`."""
    if not any(isinstance(field, Out) for field in cls.fields.values()):
        return []
    written = [name for name, value in vars(cls).items() if callable(value)]
    near = next((name for name in written if did_you_mean(name, ["process"])), "")
    hint = (
        f"rename '{near}' to 'process'"
        if near
        else "indent `process` into the class, or write `@per_sample` and `def process(...)` there"
    )
    return [class_problem(cls, "", f"{cls.__name__} has no process, so it is no node: {hint}")]


def undocumented(cls: Any) -> list[Problem]:
    """Missing docs, as warnings: the reference page is made of them."""
    found = []
    if not (cls.__doc__ or "").strip():
        found.append(class_problem(cls, "", f'{cls.__name__} has no docstring: write """What it is.""" below `class`'))
    for name, field in cls.fields.items():
        if not isinstance(field, State) and not field.doc.strip():
            text = f'{cls.__name__}.{name} has no doc: write {type(field).__name__}(..., doc="...")'
            found.append(class_problem(cls, name, text))
    return found
