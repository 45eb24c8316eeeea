"""Mistakes in the parameters and results of `process`, measured against the declarations of its class."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from typing import Any

from graph.errors import SourceError, did_you_mean, several
from graph.node.lint.source import Subject, class_problem
from graph.node.port_widths import fit
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Option, Out, Port, State

BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


PAIRS = ((1, 1), (2, 1))
"""Channels and voices of a port of `@per_voice`, where it says so."""


def check_parameters(subject: Subject) -> None:
    """Raises a SourceError for parameters that the declarations do not allow: no kernel can be generated for them."""
    fields: Mapping[str, Field] = subject.cls.fields
    words = inspect.signature(subject.function).parameters
    odd = [word for word, each in words.items() if each.kind not in BY_POSITION or each.default is not each.empty]
    if subject.role == "block":
        _block(subject, [*words], fields)
    elif odd:
        text = f"write the parameter as plain `{odd[0]}`: a kernel gets every value and needs no default and no `*`"
        subject.add(_argument(subject, odd[0]), text)
    else:
        _sample(subject, [*words], fields)
    if subject.problems:
        raise SourceError(subject.problems)


def wanted(words: list[str], fields: Mapping[str, Field]) -> str:
    """The head of a `@per_sample` process for these declarations, with those of `words` that are optional."""
    needed = [name for name, field in fields.items() if isinstance(field, In)]
    free = [w for w in words if isinstance(fields.get(w), Option) or w in FRAMEWORK_FIELDS + LANE_FIELDS]
    states = [name for name, field in fields.items() if isinstance(field, State)]
    return f"def process({', '.join(dict.fromkeys([*needed, *free, *states]))})"


def _argument(subject: Subject, word: str) -> ast.AST | None:
    if subject.tree is None:
        return None
    inside = subject.tree.args
    every = [*inside.posonlyargs, *inside.args, *inside.kwonlyargs, inside.vararg, inside.kwarg]
    return next((each for each in every if each is not None and each.arg == word), None)


def _block(subject: Subject, words: list[str], fields: Mapping[str, Field]) -> None:
    if len(words) == 1 and words[0] not in fields:
        return
    marked = hasattr(subject.function, "__kernel_helper__")
    node = subject.cls.__name__
    if "self" in words:
        subject.add(_argument(subject, "self"), "a kernel has no `self`: write `def process(block)`, and `block.x`")
    elif words and all(word in fields or word in FRAMEWORK_FIELDS + LANE_FIELDS for word in words):
        have = "@kernel passes one `block`" if marked else f"{node}.process has no decorator"
        subject.add(None, f"{have}: write `@per_sample` above `{wanted(words, fields)}`")
    else:
        subject.add(None, f"{node}.process takes one block: write `@kernel` above `def process(block)`")


def given(subject: Subject) -> tuple[str, ...]:
    """Parameters that the loop around a process passes beside fields of the block."""
    if subject.role == "within":
        return tuple(subject.function.__within__[1])  # type: ignore[attr-defined]
    return ("voice",) if subject.role == "voice" else LANE_FIELDS


def _sample(subject: Subject, words: list[str], fields: Mapping[str, Field]) -> None:
    node, passed = subject.cls.__name__, (*FRAMEWORK_FIELDS, *given(subject))
    known = [name for name, field in fields.items() if not isinstance(field, Out)]
    needed = [name for name, field in fields.items() if isinstance(field, In | State) and name not in words]
    missing = [] if subject.role == "within" else needed
    if words and words[0] == "self":
        text = f"a kernel has no `self`: write `{wanted(words, fields)}`, and `level` in place of `self.level`"
        subject.add(_argument(subject, "self"), text)
        return
    if words == ["block"] and "block" not in fields:
        subject.add(None, "`@per_sample` passes single samples: write `@kernel` above `def process(block)`")
        return
    for word in words:
        field = fields.get(word)
        if word in given(subject) and subject.role == "within":
            continue
        if isinstance(field, Out) and subject.role != "within":
            text = f"'{word}' is an output: leave it out of the parameters, and return its value"
            subject.add(_argument(subject, word), f"{node}.process: {text}")
        elif isinstance(field, Option) and not field.in_block:
            text = f"'{word}' is a text, which no kernel can read: use it in `prepare`, or give it `choices=`"
            subject.add(_argument(subject, word), f"{node}.process: {text}")
        elif field is None and word not in passed:
            hint = did_you_mean(word, [*missing, *passed, *known])
            meant = next((name for name in missing if f"'{name}'" in hint), "")
            missing = [name for name in missing if name != meant]
            text = f"{node}.process has a parameter '{word}' that is not declared.{hint}"
            text += "" if hint else f" Write `{wanted(words, fields)}`, or declare it: `{word} = In(...)`"
            subject.add(_argument(subject, word), text)
    for name in missing:
        text = f"{node}.process has no parameter '{name}', which is declared: write `{wanted(words, fields)}`"
        subject.add(None, text)
    if subject.role != "within":
        _ports(subject, fields)


def _ports(subject: Subject, fields: Mapping[str, Field]) -> None:
    """Declarations that a loop over samples cannot serve."""
    node, cls, together = subject.cls.__name__, subject.cls, subject.role == "voice"
    form = "@per_voice" if together else "@per_sample"
    for name, field in fields.items():
        text = ""
        if isinstance(field, Port) and field.kind != "signal":
            text = f"{form} handles signals only; write `@kernel` and process(block) for {field.kind}"
        elif together and isinstance(field, In | Out) and (field.channels or 0, field.voices or 1) not in PAIRS:
            text = "@per_voice needs channels=1 or channels=2 at every port"
        if text:
            subject.problems.append(class_problem(cls, name, f"{node}.{name}: {text}"))
    if not together and not fit(fields):
        text = (
            f"{node}: @per_sample needs outputs as wide as the node, and inputs as wide or of one voice or channel; "
            "use @per_voice, or write `@kernel` and process(block)"
        )
        subject.problems.append(class_problem(cls, "", text))


def _returned(subject: Subject, fields: Mapping[str, Field]) -> list[str]:
    """Names for the values that a process returns: its outputs, then its states with one value per lane."""
    outs = {name: field for name, field in fields.items() if isinstance(field, Out)}
    states = [name for name, field in fields.items() if isinstance(field, State) and field.per_lane]
    if subject.role == "within":
        _, passed, count, _ = subject.function.__within__  # type: ignore[attr-defined]
        words = inspect.signature(subject.function).parameters
        states = [name for name in states if name in words and name not in passed]
        return [*([f"result_{i + 1}" for i in range(count)] or outs), *states]
    pair = [name for name, out in outs.items() if subject.role == "voice" and out.channels == 2]
    sides = {name: ("_left", "_right") if name in pair else ("",) for name in outs}
    return [*(f"{name}{side}" for name in outs for side in sides[name]), *states]


def results(subject: Subject) -> None:
    """Every `return` of a process, and the path that ends without one."""
    fields: Mapping[str, Field] = subject.cls.fields
    if subject.tree is None or subject.role == "inline":
        return
    returns = [each for each in _own(subject.tree) if isinstance(each, ast.Return)]
    node = subject.cls.__name__
    if subject.role == "block":
        for each in returns:
            if each.value is not None:
                subject.add(each, "process(block) returns nothing: write results into `block.out[frame, lane]`")
        return
    names = _returned(subject, fields)
    should = f"its outputs and then its states are {len(names)}: return {', '.join(names)}"
    for each in returns:
        count = _count(each.value, subject)
        if count is not None and count != len(names):
            subject.add(each, f"{node}.process returns {several(count, 'value')}, but {should}")
    if not returns:
        subject.add(None, f"{node}.process returns nothing, but {should}")
    elif not _always(subject.tree.body):
        subject.add(subject.tree.body[-1], f"{node}.process returns nothing on one path, but {should}")


def _own(tree: ast.AST) -> list[ast.AST]:
    """Every part of a function, without functions inside it."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(tree):
        found.append(child)
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            found += _own(child)
    return found


def _count(value: ast.expr | None, subject: Subject, deep: int = 4) -> int | None:
    """How many values an expression returns; None if that cannot be seen."""
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return 0
    if isinstance(value, ast.Tuple):
        return None if any(isinstance(each, ast.Starred) for each in value.elts) else len(value.elts)
    if isinstance(value, ast.BinOp | ast.UnaryOp | ast.Constant | ast.Compare | ast.BoolOp):
        return 1
    if isinstance(value, ast.IfExp):
        first, second = _count(value.body, subject, deep - 1), _count(value.orelse, subject, deep - 1)
        return first if first == second else None
    if isinstance(value, ast.Name) and subject.tree is not None and deep:
        if value.id in [each.arg for each in subject.tree.args.args]:
            return 1
        given: list[Any] = [each for each in _own(subject.tree) if isinstance(each, ast.Assign)]
        mine = [each.value for each in given if any(isinstance(t, ast.Name) and t.id == value.id for t in each.targets)]
        counts = {_count(each, subject, deep - 1) for each in mine if not isinstance(each, ast.Name)}
        return counts.pop() if len(counts) == 1 and mine else None
    return None


def _always(body: list[ast.stmt]) -> bool:
    """Whether a block of statements returns on every path."""
    last = body[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always(last.body) and _always(last.orelse)
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and bool(last.test.value)
    if isinstance(last, ast.Try | ast.With):
        return _always(last.body)
    return False
