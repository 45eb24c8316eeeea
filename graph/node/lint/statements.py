"""Statements and expressions of Python that no kernel can run, each with what to write in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from graph.errors import did_you_mean
from graph.node.lint.source import Subject, is_text
from graph.node.ports import Option

INSTEAD = (
    "keep values in variables, in a tuple `(a, b)`, or in a State: `line = State(8)` or, made by `prepare`, `ndim=1`"
)
FORBIDDEN: dict[type[ast.AST], str] = {
    ast.Try: "`try` has no effect in a kernel, which raises nothing: test first, such as `a / b if b != 0.0 else 0.0`",
    ast.Raise: "a kernel cannot raise: check options in `validate`, and clamp signals with `min` and `max`",
    ast.Assert: "a kernel cannot raise, so it cannot `assert`: clamp the value, or test it with `graph.testing`",
    ast.Import: "import at the top of the file, not in a kernel",
    ast.ImportFrom: "import at the top of the file, not in a kernel",
    ast.With: "a kernel has no `with`: open files in `prepare`, which may do everything",
    ast.Global: "a kernel cannot change a global: declare `level = State()` in the class, and it is kept per lane",
    ast.Nonlocal: "a kernel cannot change a variable outside: declare `level = State()` in the class",
    ast.Delete: "a kernel has no `del`: leave it out",
    ast.ClassDef: "a kernel cannot define a class: move it to the top of the file",
    ast.Yield: "a kernel cannot `yield`: it returns once per sample, or fills `block.out`",
    ast.YieldFrom: "a kernel cannot `yield`: it returns once per sample, or fills `block.out`",
    ast.Await: "a kernel cannot wait: it runs in the audio thread",
    ast.Match: "a kernel has no `match`: write `if` and `elif`",
    ast.List: f"a kernel cannot make a list: {INSTEAD}",
    ast.ListComp: f"a kernel cannot make a list: write a `for` loop, and {INSTEAD}",
    ast.GeneratorExp: "a kernel has no generators: write a `for` loop with a running total, such as `total += x`",
    ast.Dict: f"a kernel cannot make a dict: {INSTEAD}",
    ast.DictComp: f"a kernel cannot make a dict: {INSTEAD}",
    ast.Set: f"a kernel cannot make a set: {INSTEAD}",
    ast.SetComp: f"a kernel cannot make a set: {INSTEAD}",
    ast.JoinedStr: "a kernel has no text: print in a test, where `Class.process.run_plain(block)` runs as plain Python",
}
NO_TEXT = "a kernel has no text: use numbers, or an Option with `choices=`, which arrives as the number of its choice"


def statements(subject: Subject) -> None:
    """Records the outermost construct of each kind that a kernel cannot run."""
    for statement in subject.body:
        _look(subject, statement)


def _look(subject: Subject, at: ast.AST) -> None:
    text = FORBIDDEN.get(type(at))
    if text is not None:
        subject.add(at, text)
        return
    if isinstance(at, ast.While):
        _loop(subject, at)
    if isinstance(at, ast.Compare) and _choice(subject, at):
        return
    if isinstance(at, ast.stmt) and is_text(at):
        return
    if isinstance(at, ast.Constant) and isinstance(at.value, str | bytes):
        subject.add(at, NO_TEXT)
    if isinstance(at, ast.Constant) and at.value is None:
        subject.add(at, "a kernel has no None: use a number, such as `0.0`")
    for child in _parts(at):
        _look(subject, child)


def _parts(at: ast.AST) -> Iterator[ast.AST]:
    """The parts of a construct that run: no annotations and no decorators."""
    for name, value in ast.iter_fields(at):
        if name not in ("annotation", "returns", "decorator_list"):
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST))


def _choice(subject: Subject, at: ast.Compare) -> bool:
    """`mode == "soft"`: an option compared with the text of a choice, where a kernel has its number."""
    sides = [at.left, *at.comparators]
    texts: list[Any] = [s.value for s in sides if isinstance(s, ast.Constant) and isinstance(s.value, str)]
    if not texts or subject.cls is None:
        return False
    for side in sides:
        word = side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""
        option = subject.cls.fields.get(word)
        if isinstance(option, Option) and option.choices:
            text = subject.text(side)
            if texts[0] in option.choices:
                number = option.choices.index(texts[0])
                subject.add(at, f"`{text}` is the number of its choice: write `{text} == {number}  # {texts[0]}`")
            else:
                hint = did_you_mean(texts[0], option.choices) or f" The choices are {', '.join(option.choices)}"
                subject.add(at, f"'{texts[0]}' is no choice of {word}.{hint}")
            return True
    return False


def _loop(subject: Subject, at: ast.While) -> None:
    """A loop that cannot end: nothing in it leaves it or changes its test."""
    inside = [part for statement in at.body for part in ast.walk(statement)]
    if any(isinstance(part, ast.Break | ast.Return) for part in inside):
        return
    forever = isinstance(at.test, ast.Constant) and bool(at.test.value)
    names = {part.id for part in ast.walk(at.test) if isinstance(part, ast.Name)}
    set_here = {part.id for part in inside if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    simple = all(isinstance(p, ast.Name | ast.Compare | ast.Constant | ast.cmpop | ast.Load) for p in ast.walk(at.test))
    if forever or (simple and names and not names & set_here):
        subject.add(at, "this loop never ends, and the sound with it: write `for i in range(n)`, or `break` out of it")
