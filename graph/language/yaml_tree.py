"""YAML as a tree that knows where everything stands, without YAML's surprises.

PyYAML only reads marks and structure here (its C parser where there is one). Scalars stay text,
because YAML 1.1 would read `on`, `12:30` and `010` as something else than was meant. Anchors,
aliases and tags are refused: no patch needs them, and they are how YAML files grow without bound
or construct objects. Every syntax error is told in words that say what to type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from graph.errors import PatchError, Problem
from graph.language.yaml_traps import ALIAS, colonless, explain

MAX_BYTES = 10_000_000
MAX_NESTING = 100
MAX_VALUES = 1_000_000
MAX_PROBLEMS = 100
LONGEST_SHOWN = 160
LONGEST_MESSAGE = 400

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


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


@dataclass
class Source:
    """A patch's text and the problems found in it."""

    file: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = _LINE_BREAK.split(self.text)

    def problem(self, line: int, column: int, message: str) -> None:
        """Notes a mistake; line and column count from 1."""
        self.problems.append(self.at(line, column, message))
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(self.file, len(self.lines), 1, "there are more mistakes; these come first"))
            self.raise_problems()

    def at(self, line: int, column: int, message: str) -> Problem:
        """A message for people about a place, with the line shown; lengths are bounded."""
        shown = self.lines[line - 1] if line <= len(self.lines) else ""
        shown = _UNSHOWABLE.sub(" ", shown[:LONGEST_SHOWN]).rstrip() if column <= LONGEST_SHOWN else ""
        message = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 3] + "..."
        return Problem(self.file, line, column, message, shown)

    def raise_problems(self) -> None:
        """Raises a PatchError when there are problems."""
        if self.problems:
            raise PatchError(dict.fromkeys(self.problems))


def read_source(path: Path, file: str) -> Source:
    """The text of a file, refused before it is read when it cannot be a patch; `file` is its name for people."""

    def refuse(message: str) -> PatchError:
        return PatchError([Problem(file, 1, 1, message)])

    try:
        if path.is_dir():
            raise refuse("this is a folder, not a patch")
        if not path.is_file() and path.exists():
            raise refuse("this is not an ordinary file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise refuse(f"the file has {size / 1e6:.0f} MB; a patch may have at most {limit} MB")
        data = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    try:
        return Source(file, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        lines = _LINE_BREAK.split(before)
        place = Problem(file, len(lines), len(lines[-1]) + 1, "the file is not UTF-8 text; save it as UTF-8")
        raise PatchError([place]) from None


def parse(source: Source) -> Tree:
    """The tree of a source; a PatchError for what is not YAML, and problems noted for what patches refuse."""
    if not source.text.strip():
        raise PatchError([Problem(source.file, 1, 1, "the patch is empty; it needs `nodes:` and `out:`")])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Parser(source, yaml.parse(source.text, Loader=loader)).document()
    except yaml.reader.ReaderError as error:
        before = _LINE_BREAK.split(source.text[: error.position])
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"the character U+{code:04X} cannot stand in a patch"
        source.problem(len(before), len(before[-1]) + 1, message)
    except yaml.MarkedYAMLError as error:
        line, column, message = explain(error, source.lines)
        if not any(problem.line == line for problem in source.problems):
            source.problem(line, column, message)
    raise PatchError(source.problems)


class _Parser:
    """Builds the tree from PyYAML's events."""

    def __init__(self, source: Source, events: Iterator[Any]) -> None:
        self.source = source
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
            raise PatchError([Problem(self.source.file, 1, 1, "the patch is empty; it needs `nodes:` and `out:`")])
        return tree

    def stop(self, event: Any, message: str) -> None:
        self.problem(event, message)
        raise PatchError(self.source.problems)

    def problem(self, event: Any, message: str) -> None:
        self.source.problem(event.start_mark.line + 1, event.start_mark.column + 1, message)

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
                    self.source.problem(key.line, key.column, "a key is a single word, such as `audio: osc`")
                continue
            if flow and isinstance(value, Scalar) and value.text == "" and not value.quoted:
                following = self.source.lines[end.line][end.column :].lstrip()[:1]
                if following != ":":
                    self.lost_entry(entries, key, Broken(value.line, value.column))
                    continue
            if key.text in first_lines:
                first = first_lines[key.text]
                where = "in this line" if first == key.line else f"in line {first}"
                self.source.problem(key.line, key.column, f"'{key.text}' is given twice, first {where}")
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
            self.source.problem(before.line, before.column, message)
            entries[-1] = (entries[-1][0], broken)
        elif message:
            self.source.problem(key.line, key.column, message)
            name = re.match(r"\w+(?=:)", key.text)
            if name:
                entries.append((Scalar(name[0], None, key.line, key.column), broken))
