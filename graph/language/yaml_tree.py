"""YAML as a tree that knows where everything stands, without YAML's surprises.

PyYAML only reads marks and structure here (its C parser where there is one). Scalars stay text,
because YAML 1.1 would read `on`, `12:30` and `010` as something else than was meant. Anchors,
aliases and tags are refused: no patch needs them, and they are how YAML files grow without bound
or construct objects. Every syntax error is told in words that say what to type.
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

EMPTY = "the patch is empty; it needs `nodes:` and `out:`"
MAX_NESTING = 100
MAX_VALUES = 1_000_000


@dataclass(slots=True)
class Scalar:
    """One piece of text; `style` is None for a plain one, a quote, or `|` and `>` for a block of text."""

    text: str
    style: str | None
    line: int
    column: int
    one_line: bool = True

    @property
    def quoted(self) -> bool:
        """Whether it cannot be mistaken for anything but text."""
        return self.style is not None

    def column_of(self, offset: int) -> int:
        """The column of one of its characters, where that can be told."""
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
    """Keys with their values, in the order of the file."""

    entries: list[tuple[Scalar, Tree]]
    line: int
    column: int


@dataclass(slots=True)
class Broken:
    """Stands where a mistake has been reported already, so that it is not reported twice."""

    line: int
    column: int


Tree: TypeAlias = "Scalar | Sequence | Mapping | Broken"


def scalar(value: Tree, otherwise: str) -> Scalar:
    """`value`, if it is one piece of text; a MistakeError with the message `otherwise` if it is not."""
    if isinstance(value, Broken):
        raise NotedError
    if not isinstance(value, Scalar):
        raise MistakeError(value, otherwise)
    return value


def mapping(value: Tree, otherwise: str) -> Mapping:
    """`value`, if it has keys; a MistakeError with the message `otherwise` if it has none."""
    if isinstance(value, Broken):
        raise NotedError
    if not isinstance(value, Mapping):
        raise MistakeError(value, otherwise)
    return value


def parse(mistakes: Mistakes) -> Tree:
    """The tree of a file; a PatchError for what is not YAML, and mistakes noted for what patches refuse."""
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
        message = f"the character U+{code:04X} cannot stand in a patch"
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
                    self.stop(event, "a second document begins here (`---`); a patch is one document")
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
            self.problem(event, f"`&{event.anchor}` is a YAML anchor; patches have none: write the value itself")
        if event.tag is not None:
            self.problem(event, f"`{event.tag}` is a YAML tag; patches have none: write the value itself")
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
                    self.mistakes.add(key, "a key is a single word, such as `audio: osc`")
                continue
            if flow and isinstance(value, Scalar) and value.text == "" and not value.quoted:
                following = self.mistakes.source.lines[end.line][end.column :].lstrip()[:1]
                if following != ":":
                    self.lost_entry(entries, key, Broken(value.line, value.column))
                    continue
            if key.text in first_lines:
                first = first_lines[key.text]
                where = "in this line" if first == key.line else f"in line {first}"
                self.mistakes.add(key, f"'{key.text}' is given twice, first {where}")
                continue
            first_lines[key.text] = key.line
            entries.append((key, value))
        return entries

    def lost_entry(self, entries: list[tuple[Scalar, Tree]], key: Scalar, broken: Broken) -> None:
        """`{a: b, c}`: `c` is a key without a colon; it often is the rest of the value before it."""
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
