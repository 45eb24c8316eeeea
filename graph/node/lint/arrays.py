"""Mistakes with the arrays of a block: names that it lacks, missing or surplus indices, whole-array arithmetic."""

from __future__ import annotations

import ast
import builtins
import math
from typing import Any

import numpy as np

from graph.errors import did_you_mean
from graph.node.lint.source import Subject
from graph.node.ports import FRAMEWORK_FIELDS, Field, In, Option, Out, Port, Source, State

LOOPS = "inside `for frame in range(block.frames):` and `for lane in range(block.lanes):`"
SCALAR = {"abs", "min", "max", "float", "int", "round", "bool", "pow"}


def axes(field: Field | None) -> tuple[str, ...] | None:
    """The indices of a block's field: `("frame", "lane")` for a signal; () for a number; None for other things."""
    if isinstance(field, Port) and field.kind == "signal":
        return ("lane",) if isinstance(field, In) and field.rate == "block" else ("frame", "lane")
    if isinstance(field, State):
        return ("lane",) if field.per_lane else tuple("ijk"[: field.ndim])
    if isinstance(field, Option):
        return ()
    if isinstance(field, Source) and field.sound:
        return ("frame", "input")
    return None


def arrays(subject: Subject) -> None:
    """Examines a process(block)."""
    if subject.role == "block" and subject.tree is not None and subject.tree.args.args:
        _Arrays(subject, subject.tree.args.args[0].arg).look(subject.tree)


class _Arrays:
    def __init__(self, subject: Subject, block: str) -> None:
        self.subject = subject
        self.block = block
        self.fields = subject.cls.kernel.fields
        self.named: dict[str, ast.expr] = {}
        """Local names that stand for one expression throughout."""
        stored: dict[str, int] = {}
        for part in ast.walk(subject.tree) if subject.tree else ():
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                stored[part.id] = stored.get(part.id, 0) + 1
            if isinstance(part, ast.Assign) and len(part.targets) == 1:
                self.name(part.targets[0], part.value)
        self.named = {name: value for name, value in self.named.items() if stored[name] == 1}

    def name(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.named[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for inner, each in zip(target.elts, value.elts, strict=False):
                self.name(inner, each)

    def axes(self, at: ast.AST) -> tuple[str, ...] | None:
        """The indices that an expression still takes; None if unknown."""
        if isinstance(at, ast.Name):
            return self.axes(self.named[at.id]) if at.id in self.named else None
        if isinstance(at, ast.Attribute) and isinstance(at.value, ast.Name) and at.value.id == self.block:
            return () if at.attr in FRAMEWORK_FIELDS else axes(self.fields.get(at.attr))
        if isinstance(at, ast.Subscript):
            left = self.axes(at.value)
            items = at.slice.elts if isinstance(at.slice, ast.Tuple) else [at.slice]
            if left is None or len(items) > len(left):
                return None
            kept = [axis for axis, item in zip(left, items, strict=False) if isinstance(item, ast.Slice)]
            return (*kept, *left[len(items) :])
        return None

    def look(self, at: ast.AST) -> None:
        if self.wrong(at):
            return  # its parts would only repeat it
        for child in ast.iter_child_nodes(at):
            self.look(child)

    def wrong(self, at: ast.AST) -> bool:
        """Records what is wrong with this expression or statement itself."""
        if isinstance(at, ast.Attribute) and isinstance(at.value, ast.Name) and at.value.id == self.block:
            return self.attribute(at)
        if isinstance(at, ast.Subscript):
            return self.subscript(at)
        if isinstance(at, ast.Assign) and any(self.assigned(target, at.value) for target in at.targets):
            return True
        if isinstance(at, ast.AugAssign) and (self.assigned(at.target, at.value) or self.whole(at.target, at)):
            return True
        operands: list[ast.expr] = []
        if isinstance(at, ast.BinOp):
            operands = [at.left, at.right]
        elif isinstance(at, ast.UnaryOp):
            operands = [at.operand]
        elif isinstance(at, ast.Compare):
            operands = [at.left, *at.comparators]
        elif isinstance(at, ast.Call) and self.takes_numbers(at.func):
            operands = at.args
        elif isinstance(at, ast.If | ast.While | ast.IfExp):
            operands = [at.test]
        return any(self.whole(each, at) for each in operands)

    def whole(self, operand: ast.expr, at: ast.AST) -> bool:
        left = self.axes(operand)
        if not left:
            return False
        text = self.subject.text(operand)
        base = operand
        while isinstance(base, ast.Subscript):
            base = base.value
        full = self.axes(base) or left
        one = f"{self.subject.text(base)}[{', '.join(full)}]"
        loops = LOOPS if "frame" in full else "inside `for lane in range(block.lanes):`" if full == ("lane",) else ""
        shown = f"`{text}` is an array [{', '.join(left)}], and a kernel computes with numbers"
        self.subject.add(at, f"{shown}: write `{one}`{f' {loops}' if loops else ''}")
        return True

    def attribute(self, at: ast.Attribute) -> bool:
        field = self.subject.cls.fields.get(at.attr)
        if isinstance(field, Option) and not field.in_block:
            text = f"'{at.attr}' is a text, which no kernel can read: use it in `prepare`, or give it `choices=`"
        elif at.attr in self.fields or at.attr in FRAMEWORK_FIELDS or at.attr in ("_replace", "_fields"):
            return False
        else:
            known = [*self.fields, *FRAMEWORK_FIELDS]
            text = f"the block has no '{at.attr}'.{did_you_mean(at.attr, known)} It has: {', '.join(known)}"
        self.subject.add(at, text)
        return True

    def subscript(self, at: ast.Subscript) -> bool:
        left = self.axes(at.value)
        items = at.slice.elts if isinstance(at.slice, ast.Tuple) else [at.slice]
        if left is None or len(items) <= len(left):
            return False
        text = self.subject.text(at.value)
        if left == ():
            self.subject.add(at, f"`{text}` is one number: write `{text}` without an index")
        else:
            shown = f"`{text}` has {len(left)} {'index' if len(left) == 1 else 'indices'}, not {len(items)}"
            self.subject.add(at, f"{shown}: write `{text}[{', '.join(left)}]`")
        return True

    def assigned(self, target: ast.expr, value: ast.expr) -> bool:
        """Whether a target cannot take this value."""
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == self.block:
            index = axes(self.fields.get(target.attr)) or ("frame", "lane")
            text = f"`{self.block}.{target.attr}` cannot be replaced: write into it, "
            self.subject.add(target, f"{text}`{self.block}.{target.attr}[{', '.join(index)}] = ...`")
            return True
        if not isinstance(target, ast.Subscript):
            return False
        base: ast.expr = target
        while isinstance(base, ast.Subscript):
            base = base.value
        field = self.field(base)
        if isinstance(field, In):
            outs = [name for name, each in self.fields.items() if isinstance(each, Out)]
            word = f"{self.block}.{outs[0] if outs else 'out'}"
            text = self.subject.text(target.value)
            self.subject.add(target, f"`{text}` is an input, which other nodes read too: write into `{word}`")
            return True
        left, given = self.axes(target), self.axes(value)
        if left and (given or self.mixes_arrays(value)):
            full = self.axes(base) or left
            one = f"{self.subject.text(base)}[{', '.join(full)}] = ..."
            shown = f"`{self.subject.text(target)}` is a whole row" if len(left) == 1 else "this writes a whole array"
            loops = f" {LOOPS}" if "frame" in full else ""
            self.subject.add(target, f"{shown}, and a kernel computes with numbers: write `{one}`{loops}")
            return True
        return False

    def mixes_arrays(self, value: ast.expr) -> bool:
        return any(isinstance(part, ast.BinOp | ast.Call) for part in [value]) and any(
            bool(self.axes(part)) for part in ast.iter_child_nodes(value)
        )

    def field(self, base: ast.expr) -> Field | None:
        if isinstance(base, ast.Name) and base.id in self.named:
            base = self.named[base.id]
        known = isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) and base.value.id == self.block
        return self.fields.get(base.attr) if known and isinstance(base, ast.Attribute) else None

    def takes_numbers(self, function: ast.expr) -> bool:
        """Whether a call is to a function of numbers, such as `abs`, `math.sin` or `np.tanh`."""
        names: dict[str, Any] = self.subject.function.__globals__
        if isinstance(function, ast.Name):
            return function.id in SCALAR and names.get(function.id, getattr(builtins, function.id)) is getattr(
                builtins, function.id
            )
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            module = names.get(function.value.id)
            value = getattr(module, function.attr, None)
            return module is math or (module is np and isinstance(value, np.ufunc))
        return False
