"""`Mistakes`: the one collector of what is wrong with a patch, in all the files it is made of.

Reading code is a straight line: it raises at the first thing it cannot use. Whoever reads several
things puts each in `with mistakes.at(place):`, which turns what was raised into a `Problem` with its
place and lets reading continue with the next. Nothing is played from a patch with a problem.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from graph.errors import AudioFileError, GraphError, MidiFileError, NodeError, PatchError, Problem
from graph.language.expression import ExpressionError
from graph.language.source import Source

MAX_PROBLEMS = 100
"""Mistakes of one file from which on reading stops."""


class Placed(Protocol):
    """What has a line and a column, counted from 1; a text also finds the column of an offset."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class Spot(NamedTuple):
    """A place in a file."""

    line: int
    column: int


START = Spot(1, 1)
"""Where a mistake of a whole file is shown."""


class MistakeError(Exception):
    """Something is wrong in another place than the one that is read as a whole."""

    def __init__(self, place: Placed, message: str) -> None:
        super().__init__(message)
        self.place = place


class NotedError(Exception):
    """A value cannot be used because of a mistake that has been noted: there is nothing to add."""


class Mistakes:
    """What is wrong with one file, and the way to what is wrong with the files around it.

    source   the file
    found    its mistakes
    doubts   what is allowed but hardly meant, of all files
    files    the collectors of all files of the patch, in the order in which they were opened
    """

    def __init__(self, source: Source, around: Mistakes | None = None) -> None:
        self.source = source
        self.found: list[Problem] = []
        self.doubts: list[Problem] = around.doubts if around else []
        self.files: list[Mistakes] = around.files if around else []
        self.files.append(self)

    def add(self, place: Placed, message: str, offset: int | None = None) -> None:
        """Notes a mistake, at an offset in a text; a PatchError with those of the file when there are too many."""
        self.found.append(self.source.at(place.line, _column(place, offset), message))
        if len(self.found) == MAX_PROBLEMS:
            last = len(self.source.lines)
            self.found.append(Problem(self.source.file, last, 1, "there are more mistakes; these come first"))
            raise PatchError(dict.fromkeys(self.found)) from None

    def of_file(self, message: str) -> None:
        """Notes a mistake for which no line can be shown."""
        self.found.append(Problem(self.source.file, 1, 1, message))

    def doubt(self, place: Placed, message: str) -> None:
        """Notes what is allowed but hardly meant."""
        self.doubts.append(self.source.at(place.line, place.column, message))

    def at(self, place: Placed, text: Placed | None = None) -> Attempt:
        """Notes what is raised within: at `place`, or for a mistake in an expression within `text`."""
        return Attempt(self, place, text or place)

    def count(self) -> int:
        """The number of mistakes in all files."""
        return sum(len(file.found) for file in self.files)

    def raise_all(self) -> None:
        """Raises a PatchError with the mistakes of all files, if there are any."""
        if self.count():
            raise PatchError(dict.fromkeys(problem for file in self.files for problem in file.found)) from None


class Attempt:
    """Reading that may fail; reading continues after it. `failed` tells whether it did."""

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
    """Where something stands, and in which file."""

    mistakes: Mistakes
    line: int
    column: int

    def problem(self, message: str) -> Problem:
        """A message about it, which is not noted."""
        return self.mistakes.source.at(self.line, self.column, message)


def _column(place: Placed, offset: int | None) -> int:
    column_of = getattr(place, "column_of", None)
    column: int = place.column if column_of is None or offset is None else column_of(offset)
    return column
