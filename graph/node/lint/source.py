"""The source of a function or a class as a syntax tree, and the problems found in it."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

from graph.errors import Problem, shown


class SourceFile:
    """A Python file: its lines and its syntax tree."""

    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self.lines = text.splitlines()
        self.tree = ast.parse(text)
        self.functions = {
            (each.name, min([each.lineno, *(mark.lineno for mark in each.decorator_list)])): each
            for each in ast.walk(self.tree)
            if isinstance(each, ast.FunctionDef)
        }

    def function(self, code: Any) -> ast.FunctionDef | None:
        """The definition from which `code` was compiled."""
        return self.functions.get((code.co_name, code.co_firstlineno))

    def class_body(self, name: str) -> ast.ClassDef | None:
        """The last definition of a class of that name."""
        found = [each for each in ast.walk(self.tree) if isinstance(each, ast.ClassDef) and each.name == name]
        return found[-1] if found else None

    def problem(self, line: int, column: int, message: str) -> Problem:
        """A problem at a line and column, both from 1, with the text of that line."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        column = len(text.encode()[: column - 1].decode(errors="ignore")) + 1  # ast counts bytes
        return Problem(shown(self.filename), line, column, message, text)


def source_file(filename: str) -> SourceFile | None:
    """The file as it is now; None if it cannot be read, as in an interactive session."""
    linecache.checkcache(filename)
    text = "".join(linecache.getlines(filename))
    return _parsed(filename, text) if text else None


@lru_cache(64)
def _parsed(filename: str, text: str) -> SourceFile | None:
    try:
        return SourceFile(filename, text)
    except SyntaxError:
        return None


ROLES = {"__per_voice__": "voice", "__per_sample__": "sample", "__within__": "within"}
"""Roles of a process by the mark that its decorator leaves."""


class Subject:
    """One function under examination, and the problems found in it.

    role   "sample" or "voice": a `@per_sample` or `@per_voice` process; "within": one of `@within`; "block":
           process(block); "inline": a function that they call. By default that of the function's decorator
    cls    the node class
    """

    def __init__(self, function: Callable[..., Any], cls: Any, role: str = "") -> None:
        self.function = function
        self.cls = cls
        self.role = role or next((word for mark, word in ROLES.items() if hasattr(function, mark)), "block")
        self.code = function.__code__
        self.problems: list[Problem] = []

    @cached_property
    def source(self) -> SourceFile | None:
        """Its file; read only when a mistake needs it, for every class is looked at when it is created."""
        return source_file(self.code.co_filename)

    @cached_property
    def tree(self) -> ast.FunctionDef | None:
        """Its definition."""
        return self.source.function(self.code) if self.source else None

    @property
    def body(self) -> list[ast.stmt]:
        """The statements of the function, without its docstring."""
        body = self.tree.body if self.tree else []
        return body[1:] if body and is_text(body[0]) else body

    def add(self, at: ast.AST | None, message: str) -> None:
        """Records a problem at a place in the function; None is its `def` line."""
        line, column = (at.lineno, at.col_offset + 1) if at is not None else (self.code.co_firstlineno, 1)  # type: ignore[attr-defined]
        if at is None and self.tree is not None:
            line, column = self.tree.lineno, self.tree.col_offset + 1
        if self.source is None:
            self.problems.append(Problem(shown(self.code.co_filename), line, column, message))
        else:
            self.problems.append(self.source.problem(line, column, message))

    def text(self, at: ast.AST, longest: int = 60) -> str:
        """The source text of an expression, shortened for a message."""
        text = ast.unparse(at)
        return text if len(text) <= longest else f"{text[: longest - 3]}..."


def is_text(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a text, as a docstring is."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def class_place(cls: type) -> tuple[SourceFile | None, ast.ClassDef | None, str]:
    """Where a class is written: the file, its definition there, and the file's name."""
    module = sys.modules.get(cls.__module__)
    filename = getattr(module, "__file__", None) or ""
    if not filename:  # a notebook: its functions know their cell
        codes = [getattr(value, "__code__", None) for value in vars(cls).values()]
        filename = next((code.co_filename for code in codes if code is not None), cls.__module__)
    source = source_file(filename)
    return source, source.class_body(cls.__name__) if source else None, filename


def class_problem(cls: type, name: str, message: str) -> Problem:
    """A problem at the assignment of `name` in a class body, or at the class statement."""
    source, body, filename = class_place(cls)
    if source is None or body is None:
        return Problem(shown(filename), 1, 1, message)
    for statement in body.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return source.problem(statement.lineno, statement.col_offset + 1, message)
    return source.problem(body.lineno, body.col_offset + 1, message)


def function_problem(function: Callable[..., Any], message: str, line: int = 0) -> Problem:
    """A problem at a line of a function that is no kernel, such as `prepare`; without a line, at its `def`."""
    code = function.__code__
    source = source_file(code.co_filename)
    tree = source.function(code) if source else None
    line = line or (tree.lineno if tree else code.co_firstlineno)
    if source is None:
        return Problem(shown(code.co_filename), line, 1, message)
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    return source.problem(line, len(text) - len(text.lstrip()) + 1, message)
