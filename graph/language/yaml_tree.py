"""YAML as a tree with source positions, without YAML's surprises.

PyYAML supplies only marks and structure here (with its C parser where available). Scalars stay text, because
YAML 1.1 misreads `on`, `12:30` and `010`. Anchors, aliases and tags are refused: patches do not need them, and
they let a YAML file expand without bound or construct objects. Every syntax error says what to type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from graph.errors import PatchError
from graph.language.mistakes import MistakeError, Mistakes, NotedError, Spot
from graph.language.source import LINE_BREAK
from graph.language.yaml_traps import ALIAS, colonless, explain

EMPTY = "the patch is empty: write `nodes:` and `out:`"
MAX_NESTING = 100
MAX_VALUES = 1_000_000


@dataclass(slots=True)
class Scalar:
    """A piece of text; `style` is None for plain text, a quote character, or `|` and `>` for a text block."""

    text: str
    style: str | None
    line: int
    column: int
    one_line: bool = True

    @property
    def quoted(self) -> bool:
        """Whether it is explicitly marked as text."""
        return self.style is not None

    def column_of(self, offset: int) -> int:
        """The column of the character at `offset`, where it is known."""
        if not self.one_line:
            return self.column
        return self.column + offset + (self.style in ("'", '"'))


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list[Tree]
    line: int
    column: int


@dataclass(slots=True)
class Mapping:
    """Keys with their values, in file order."""

    entries: list[tuple[Scalar, Tree]]
    line: int
    column: int


@dataclass(slots=True)
class Broken:
    """Takes the place of an element whose error is already recorded, to avoid reporting it twice."""

    line: int
    column: int


Tree: TypeAlias = "Scalar | Sequence | Mapping | Broken"


def scalar(value: Tree, otherwise: str) -> Scalar:
    """`value` if it is a piece of text; otherwise MistakeError with the message `otherwise`."""
    if isinstance(value, Broken):
        raise NotedError
    if not isinstance(value, Scalar):
        raise MistakeError(value, otherwise)
    return value


def mapping(value: Tree, otherwise: str) -> Mapping:
    """`value` if it has keys; otherwise MistakeError with the message `otherwise`."""
    if isinstance(value, Broken):
        raise NotedError
    if not isinstance(value, Mapping):
        raise MistakeError(value, otherwise)
    return value


def parse(mistakes: Mistakes) -> Tree:
    """The tree of a file; PatchError if it is not YAML; constructs that patches refuse are recorded as errors."""
    source = mistakes.source
    if not source.text.strip():
        mistakes.of_file(EMPTY)
        raise PatchError(mistakes.found)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Parser(mistakes, yaml.parse(source.text, Loader=loader)).document()
    except yaml.reader.ReaderError as error:
        before = LINE_BREAK.split(source.text[: error.position])
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"the character U+{code:04X} is not allowed in a patch"
        mistakes.add(Spot(len(before), len(before[-1]) + 1), message)
    except yaml.MarkedYAMLError as error:
        line, column, message = explain(error, source.lines)
        if not any(problem.line == line for problem in mistakes.found):
            mistakes.add(Spot(line, column), message)
    raise PatchError(mistakes.found)


class _Parser:
    """Builds the tree from PyYAML's events."""

    def __init__(self, mistakes: Mistakes, events: Iterator[Any]) -> None:
        self.mistakes = mistakes
        self.events = events
        self.values = 0

    def document(self) -> Tree:
        tree: Tree | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if tree is not None:
                    self.stop(event, "a second YAML document begins here (`---`): a patch is a single document")
                tree = self.tree(next(self.events), 1)
        if tree is None:
            self.mistakes.of_file(EMPTY)
            raise PatchError(self.mistakes.found)
        return tree

    def stop(self, event: Any, message: str) -> None:
        self.problem(event, message)
        raise PatchError(self.mistakes.found)

    def problem(self, event: Any, message: str) -> None:
        self.mistakes.add(Spot(event.start_mark.line + 1, event.start_mark.column + 1), message)

    def tree(self, event: Any, depth: int) -> Tree:
        mark, end = event.start_mark, event.end_mark
        line, column = mark.line + 1, mark.column + 1
        self.values += 1
        if self.values > MAX_VALUES:
            self.stop(event, f"the patch has more than {MAX_VALUES:,} values")
        if isinstance(event, yaml.AliasEvent):
            self.problem(event, ALIAS.format(name=event.anchor))
            return Broken(line, column)
        if event.anchor is not None:
            self.problem(event, f"`&{event.anchor}` is a YAML anchor, which patches do not support: remove it")
        if event.tag is not None:
            self.problem(event, f"`{event.tag}` is a YAML tag, which patches do not support: remove it")
        broken = event.anchor is not None or event.tag is not None
        if isinstance(event, yaml.ScalarEvent):
            if broken:
                return Broken(line, column)
            return Scalar(event.value, event.style or None, line, column, mark.line == end.line)
        if depth > MAX_NESTING:
            self.stop(event, f"lists and braces are nested more than {MAX_NESTING} deep")
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            for inner in self.events:
                if isinstance(inner, yaml.SequenceEndEvent):
                    break
                items.append(self.tree(inner, depth + 1))
            return Broken(line, column) if broken else Sequence(items, line, column)
        entries = self.entries(bool(event.flow_style), depth)
        return Broken(line, column) if broken else Mapping(entries, line, column)

    def entries(self, flow: bool, depth: int) -> list[tuple[Scalar, Tree]]:
        entries: list[tuple[Scalar, Tree]] = []
        first_lines: dict[str, int] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.tree(event, depth + 1)
            end: Any = event.end_mark
            value = self.tree(next(self.events), depth + 1)
            if not isinstance(key, Scalar):
                if not isinstance(key, Broken):
                    self.mistakes.add(key, "a key must be a single word, as in `audio: osc`")
                continue
            if flow and isinstance(value, Scalar) and value.text == "" and not value.quoted:
                following = self.mistakes.source.lines[end.line][end.column :].lstrip()[:1]
                if following != ":":
                    self.lost_entry(entries, key, Broken(value.line, value.column))
                    continue
            if key.text in first_lines:
                first = first_lines[key.text]
                where = "on this line" if first == key.line else f"on line {first}"
                self.mistakes.add(key, f"'{key.text}' is given twice, first {where}")
                continue
            first_lines[key.text] = key.line
            entries.append((key, value))
        return entries

    def lost_entry(self, entries: list[tuple[Scalar, Tree]], key: Scalar, broken: Broken) -> None:
        """`{a: b, c}`: `c` has no colon; often it is the rest of the preceding value."""
        before = entries[-1][1] if entries else None
        previous = before.text if isinstance(before, Scalar) and not before.quoted else ""
        message, of_previous = colonless(key.text, previous)
        if of_previous and isinstance(before, Scalar):
            self.mistakes.add(before, message)
            entries[-1] = (entries[-1][0], broken)
        elif message:
            self.mistakes.add(key, message)
            name = re.match(r"\w+(?=:)", key.text)
            if name:
                entries.append((Scalar(name[0], None, key.line, key.column), broken))
