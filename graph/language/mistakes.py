"""`Mistakes`: collects the errors of a patch, across all its files.

A reading function raises at the first thing it cannot use. A caller that reads several things wraps each in
`with mistakes.at(place):`, which records the exception as a `Problem` with its position and lets reading
continue. A patch with a problem is never played.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from graph.errors import AudioFileError, GraphError, MidiFileError, NodeError, PatchError, Problem
from graph.language.expression import ExpressionError
from graph.language.source import SourceText

MAX_PROBLEMS = 100
"""Errors in one file after which reading stops."""


class Placed(Protocol):
    """Has a line and a column, counted from 1; text can also find the column of an offset."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class Spot(NamedTuple):
    """A position in a file."""

    line: int
    column: int


START = Spot(1, 1)
"""The position shown for an error that concerns the whole file."""


class MistakeError(Exception):
    """An error at another position than the element being read."""

    def __init__(self, place: Placed, message: str) -> None:
        super().__init__(message)
        self.place = place


class NotedError(Exception):
    """A value is unusable because of an error already recorded: nothing to add."""


class Mistakes:
    """The errors of one file, with access to those of the patch's other files.

    source   the file
    found    its errors
    doubts   likely mistakes that are valid, in all files
    files    collectors of all files of the patch, in the order they were opened
    """

    def __init__(self, source: SourceText, around: Mistakes | None = None) -> None:
        self.source = source
        self.found: list[Problem] = []
        self.doubts: list[Problem] = around.doubts if around else []
        self.files: list[Mistakes] = around.files if around else []
        self.files.append(self)

    def add(self, place: Placed, message: str, offset: int | None = None) -> None:
        """Records an error, at an offset in a text; raises PatchError with all of them when there are too many."""
        self.found.append(self.source.at(place.line, _column(place, offset), message))
        if len(self.found) == MAX_PROBLEMS:
            last = len(self.source.lines)
            self.found.append(Problem(self.source.file, last, 1, "too many errors: only the first are shown"))
            raise PatchError(dict.fromkeys(self.found)) from None

    def of_file(self, message: str) -> None:
        """Records an error that has no line."""
        self.found.append(Problem(self.source.file, 1, 1, message))

    def doubt(self, place: Placed, message: str, offset: int | None = None) -> None:
        """Records a likely mistake that is valid."""
        self.doubts.append(self.source.at(place.line, _column(place, offset), message))

    def at(self, place: Placed, text: Placed | None = None) -> Attempt:
        """Records exceptions raised in its block: at `place`, or within `text` for an expression error."""
        return Attempt(self, place, text or place)

    def count(self) -> int:
        """The number of errors in all files."""
        return sum(len(file.found) for file in self.files)

    def raise_all(self) -> None:
        """Raises PatchError with the errors of all files, if any."""
        if self.count():
            raise PatchError(dict.fromkeys(problem for file in self.files for problem in file.found)) from None


class Attempt:
    """A read that may fail; execution continues after the block. `failed` says whether it did."""

    def __init__(self, mistakes: Mistakes, place: Placed, text: Placed) -> None:
        self.mistakes = mistakes
        self.place = place
        self.text = text
        self.failed = False

    def __enter__(self) -> Attempt:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, MistakeError):
            self.mistakes.add(error.place, str(error))
        elif isinstance(error, ExpressionError):
            self.mistakes.add(self.text, error.message, error.offset)
        elif isinstance(error, GraphError | NodeError | AudioFileError | MidiFileError):
            self.mistakes.add(self.place, str(error))
        self.failed = isinstance(
            error, MistakeError | NotedError | ExpressionError | GraphError | NodeError | AudioFileError | MidiFileError
        )
        return self.failed


class Place(NamedTuple):
    """A position in a particular file."""

    mistakes: Mistakes
    line: int
    column: int

    def problem(self, message: str) -> Problem:
        """A message for this position, without recording it."""
        return self.mistakes.source.at(self.line, self.column, message)


def _column(place: Placed, offset: int | None) -> int:
    column_of = getattr(place, "column_of", None)
    column: int = place.column if column_of is None or offset is None else column_of(offset)
    return column
