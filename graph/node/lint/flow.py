"""Variables that are read although no path, or not every path, has set them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graph.node.lint.source import Subject
from graph.node.ports import In, Option, State

Known = set[str] | None
"""Names that are certainly set; None where no path arrives."""


def flow(subject: Subject) -> None:
    """Records the first unset read of each local variable.

    A `for` or `while` counts as run at least once, and the same test twice as answered alike.
    """
    if subject.tree is None:
        return
    every = subject.tree.args
    arguments = {each.arg for each in [*every.posonlyargs, *every.args, *every.kwonlyargs]}
    local = {part.id for part in _here(subject.tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    _Walk(subject, local - arguments).block(subject.body, set(arguments))


def _here(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.SetComp):
            yield child
            yield from _here(child)


class _Walk:
    """Walks the statements in order, with the names that are certainly set."""

    def __init__(self, subject: Subject, local: set[str]) -> None:
        self.subject = subject
        self.local = local
        self.told: set[str] = set()
        self.seen: set[str] = set()
        self.under: dict[str, set[str]] = {}
        """Names that are set when a test, as text, was true."""

    def block(self, body: list[ast.stmt], known: Known) -> Known:
        for statement in body:
            if known is None:
                return None
            known = self.statement(statement, known)
        return known

    def statement(self, at: ast.stmt, known: set[str]) -> Known:
        if isinstance(at, ast.If):
            return self.branch(at, known)
        if isinstance(at, ast.For | ast.While):
            self.read(at.iter if isinstance(at, ast.For) else at.test, known)
            inside = known | (self.targets(at.target) if isinstance(at, ast.For) else set())
            self.block(at.body, inside)
            after = inside | {n for part in at.body for n in self.targets(part)}
            return self.block(at.orelse, after)
        if isinstance(at, ast.Return | ast.Raise):
            self.read(at, known)
            return None
        if isinstance(at, ast.Break | ast.Continue):
            return None
        if isinstance(at, ast.AugAssign):
            self.read(at.value, known)
            if isinstance(at.target, ast.Name):
                self.check(at.target, known)
            else:
                self.read(at.target, known)
        elif isinstance(at, ast.Assign):
            self.read(at.value, known)
            for target in at.targets:
                self.read(target, known)
        elif not isinstance(at, ast.FunctionDef | ast.ClassDef):
            self.read(at, known)
        return known | self.targets(at)

    def branch(self, at: ast.If, known: set[str]) -> Known:
        self.read(at.test, known)
        test = ast.dump(at.test)
        known = known | self.targets(at.test)
        then = self.block(at.body, known | self.under.get(test, set()))
        other = self.block(at.orelse, set(known))
        if then is not None:
            self.under[test] = then
        return other if then is None else then if other is None else then & other

    def targets(self, at: ast.AST) -> set[str]:
        """Names that a statement sets."""
        found = {part.id for part in ast.walk(at) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        self.seen |= found
        return found

    def read(self, at: ast.AST, known: set[str]) -> None:
        for part in [at, *_here(at)]:
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                self.check(part, known)

    def check(self, name: ast.Name, known: set[str]) -> None:
        if name.id not in self.local or name.id in known or name.id in self.told:
            return
        self.told.add(name.id)
        field = self.subject.cls.fields.get(name.id) if self.subject.cls is not None else None
        if isinstance(field, In | State | Option) and self.subject.role == "block":
            text = f"`{name.id}` is read before it is set: write `{name.id} = block.{name.id}` at the top"
        elif name.id in self.seen:
            text = f"`{name.id}` is set on one path only: set it before the `if`, such as `{name.id} = 0.0`"
        else:
            text = f"`{name.id}` is read before it is set: write `{name.id} = 0.0` above, or declare it as a State"
        self.subject.add(name, text)
