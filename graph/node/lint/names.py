"""The global names that a kernel reads: functions without `@inline`, modules, lists, and names that are nowhere."""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Iterator
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from graph.errors import did_you_mean, shown
from graph.native import functions as native
from graph.native.digest import reached
from graph.node.lint.source import Subject
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Option, State

CHANCE = (
    "a kernel has no random numbers of Python's: take noise from a cable, `noise = In()` and `{node: Noise}`, or keep "
    "a generator in `State(dtype=np.uint32)`, as nodes/noise.py does"
)
PREPARE = "compute it in `prepare`, which may use all of Python, and hand it over in a State"
MEMORY = f"allocates, which no kernel may: {PREPARE}, such as `line = State(ndim=1)`"
NO_KERNEL = {
    "print": "a kernel cannot print: test it with `Class.process.run_plain(block)`, where it runs as plain Python",
    "open": "a kernel cannot open files: read the file in `prepare`, and hand it over in a State",
    "input": "a kernel cannot ask: declare an In or an Option",
    **dict.fromkeys(("str", "repr", "format", "bytes"), "a kernel has no text: use numbers"),
    **dict.fromkeys(
        ("list", "dict", "set", "frozenset", "sorted", "bytearray"),
        "a kernel cannot make a list: keep values in variables, in a tuple `(a, b)`, or in a State",
    ),
    **dict.fromkeys(("map", "filter", "eval", "exec", "iter", "next"), "not in a kernel: write a `for` loop"),
    **dict.fromkeys(("getattr", "setattr", "hasattr", "vars"), "not in a kernel: write the name itself, `block.x`"),
    "super": "a kernel has no `super()`: move the shared lines into a function with `@inline`",
}
NUMPY = {
    "clip": "use `min(max(x, low), high)`",
    "where": "use `a if test else b`",
    "interp": "write `a + (b - a) * fraction`",
    "select": "use `if` and `elif`",
    "random": CHANCE,
    "fft": f"not in a kernel: {PREPARE}",
    "linalg": f"not in a kernel: {PREPARE}",
    **dict.fromkeys(
        (
            *("zeros", "ones", "empty", "full", "array", "asarray", "arange", "linspace", "zeros_like", "ones_like"),
            *("empty_like", "full_like", "concatenate", "stack", "hstack", "vstack", "append", "roll", "convolve"),
            *("cumsum", "diff", "copy", "pad", "repeat", "tile", "outer", "eye", "meshgrid"),
        ),
        MEMORY,
    ),
}
MATH = {"gamma": f"not in a kernel: {PREPARE}", "lgamma": f"not in a kernel: {PREPARE}", "fsum": "add in a loop"}
MATH |= dict.fromkeys(("factorial", "comb", "perm", "gcd", "lcm", "prod"), f"not in a kernel: {PREPARE}")
USUAL = {"np": "import numpy as np", "numpy": "import numpy", "math": "import math"}


def names(subject: Subject) -> list[FunctionType]:
    """Examines every global name of a function; returns the functions with `@inline` that it calls."""
    if subject.tree is None:
        return []
    parts = [each for each in ast.walk(subject.tree) if each is not subject.tree]
    local = {each.id for each in parts if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    local |= {each.arg for each in parts if isinstance(each, ast.arg)}
    local |= {each.name for each in parts if isinstance(each, ast.FunctionDef)}
    called: list[FunctionType] = []
    for statement in subject.body:
        for chain in _chains(statement):
            base = chain[0]
            if isinstance(base, ast.Name) and base.id not in local:
                _name(subject, base, chain[1:], called)
    return called


def _chains(at: ast.AST) -> Iterator[list[Any]]:
    """Each name with the attributes that are read from it: `np.fft.fft` is one chain of three."""
    if isinstance(at, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef):
        return  # reported elsewhere
    chain: list[Any] = []
    inner = at
    while isinstance(inner, ast.Attribute):
        chain.insert(0, inner)
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield [inner, *chain]
        return
    for name, value in ast.iter_fields(at):
        if name not in ("annotation", "returns"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _chains(child)


def _name(subject: Subject, at: ast.Name, rest: list[ast.Attribute], called: list[FunctionType]) -> None:
    free = dict(zip(subject.code.co_freevars, subject.function.__closure__ or (), strict=True))
    if at.id in free:
        value: Any = free[at.id].cell_contents
    elif at.id in subject.function.__globals__:
        value = subject.function.__globals__[at.id]
    elif hasattr(builtins, at.id):
        if at.id in NO_KERNEL:
            subject.add(at, f"`{at.id}`: {NO_KERNEL[at.id]}")
        return
    else:
        subject.add(at, _unknown(subject, at, rest))
        return
    path = at.id
    for attribute in rest:
        path += f".{attribute.attr}"
        if isinstance(value, ModuleType):
            told = _of_module(value, attribute.attr, path)
            if told:
                subject.add(at, told)
                return
            value = getattr(value, attribute.attr)
        else:
            if isinstance(value, type) and not issubclass(value, Enum | tuple):
                subject.add(at, f"a kernel cannot read `{path}` from a class: {_constant(value, attribute.attr)}")
            return
    _value(subject, at, path, value, called)


def _constant(cls: type, name: str) -> str:
    value = getattr(cls, name, None)
    written = f"{name.upper()} = {value!r}" if isinstance(value, int | float) else f"{name.upper()} = ..."
    return f"write `{written}` above the class, and read that"


def _unknown(subject: Subject, at: ast.Name, rest: list[ast.Attribute]) -> str:
    cls = subject.cls
    fields: dict[str, Field] = dict(cls.fields) if cls is not None else {}
    if at.id == "self":
        state = rest[0].attr if rest else "level"
        word = f"block.{state}" if subject.role == "block" else state
        return f"a kernel has no `self`: write `{word}`, which is a State of the class or an input"
    if at.id in USUAL:
        return f"'{at.id}' is not defined: write `{USUAL[at.id]}` at the top of the file"
    is_field = isinstance(fields.get(at.id), In | State | Option) or at.id in FRAMEWORK_FIELDS
    if is_field and subject.role == "block":
        return f"'{at.id}' is not defined: write `block.{at.id}`"
    if (is_field or at.id in LANE_FIELDS) and subject.role == "sample":
        return f"'{at.id}' is not a parameter: add it, `def process(..., {at.id})`"
    if is_field:
        return f"'{at.id}' is not defined here: hand it to `{subject.function.__name__}` as an argument"
    if cls is not None and at.id in vars(cls) and not isinstance(vars(cls)[at.id], Field):
        return f"'{at.id}' of the class body cannot be seen from `process`: move it above the class"
    known = [*(each.arg for each in ast.walk(subject.tree or at) if isinstance(each, ast.arg))]
    known += [*USUAL, *(w for w in subject.function.__globals__ if w[0] != "_"), *fields, *FRAMEWORK_FIELDS]
    return f"'{at.id}' is not defined: import or define it at the top of the file.{did_you_mean(at.id, known)}"


def _of_module(module: ModuleType, name: str, path: str) -> str:
    """What is wrong with reading `name` from a module, or nothing."""
    if module is np and name in NUMPY:
        return f"`{path}`: {NUMPY[name]}"
    if module is math and name in MATH:
        return f"`{path}`: {MATH[name]}"
    top = module.__name__.partition(".")[0]
    if top in ("random", "secrets"):
        return f"`{path}`: {CHANCE}"
    if top == "scipy":
        return f"`{path}`: SciPy does not run in a kernel: design filters and tables in `prepare`; nodes/noise.py does"
    if top in ("time", "datetime"):
        return f"`{path}`: a kernel cannot ask the time: count frames in a State, or take `clock = In(kind='clock')`"
    if not hasattr(module, name):
        return f"{module.__name__} has no '{name}'.{did_you_mean(name, dir(module))}"
    value = getattr(module, name)
    if isinstance(value, FunctionType) and module is not np and module is not math:
        mark = "" if _is_inline(value) else f", and write `@inline` above `def {name}`"
        return f"`{path}`: import functions by name: `from {module.__name__} import {name}`{mark}"
    if isinstance(value, BuiltinFunctionType | type) and top not in ("numpy", "math"):
        return f"`{path}`: a kernel can call `math`, NumPy's functions of numbers, and functions with `@inline` only"
    return ""


def _is_inline(value: Any) -> bool:
    return hasattr(value, "__kernel_helper__") or getattr(value, "__module__", "") == native.__name__


def _value(subject: Subject, at: ast.Name, path: str, value: Any, called: list[FunctionType]) -> None:
    if isinstance(value, FunctionType):
        if _is_inline(value):
            called.append(value)
            if subject.function in reached(value):
                text = "calls itself, which a kernel cannot" if value is subject.function else "leads back to itself"
                subject.add(at, f"`{path}` {text}: write a `for` or `while` loop")
        elif value.__module__.partition(".")[0] not in ("numpy", "math", "numba"):
            code = value.__code__
            where = f"line {code.co_firstlineno}"
            if code.co_filename != subject.code.co_filename:
                where += f" of {shown(code.co_filename)}"
            subject.add(
                at, f"`{path}` is a plain function: write `@inline` above it ({where}; from graph import inline)"
            )
    elif isinstance(value, list | set | dict):
        items = f"{path} = np.array([...])" if isinstance(value, list) else f"{path} = (...)"
        kind = type(value).__name__
        subject.add(at, f"`{path}` is a {kind}, which no kernel can read: write `{items}` or a tuple `{path} = (...)`")
    elif isinstance(value, str):
        subject.add(at, f"`{path}` is a text, which no kernel can read: use a number")
