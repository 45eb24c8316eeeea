"""`SourceText`: the text of one patch file, and the lines quoted in messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from graph.errors import GraphError, PatchError, Problem

MAX_BYTES = 10_000_000
LONGEST_SHOWN = 160
LONGEST_MESSAGE = 400

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


@dataclass
class SourceText:
    """A patch's text; `file` is its name in messages."""

    file: str
    text: str

    def __post_init__(self) -> None:
        self.lines = LINE_BREAK.split(self.text)

    def at(self, line: int, column: int, message: str) -> Problem:
        """A message for a position (line and column from 1) that quotes the line; lengths are bounded."""
        shown = self.lines[line - 1] if line <= len(self.lines) else ""
        shown = _UNSHOWABLE.sub(" ", shown[:LONGEST_SHOWN]).rstrip() if column <= LONGEST_SHOWN else ""
        message = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 3] + "..."
        return Problem(self.file, line, column, message, shown)


def read_bytes(path: Path, what: str) -> bytes:
    """The content of a text file; unsuitable files are refused before they are read.

    what   what it should be, with its article, in messages
    GraphError, with the reason alone, if it is a folder, a device or a pipe, larger than `MAX_BYTES`, or unreadable.
    """
    try:
        if path.is_dir():
            raise GraphError(f"this is a folder, not {what}")
        if not path.is_file() and path.exists():
            raise GraphError("this is not a regular file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise GraphError(f"the file is {size / 1e6:.0f} MB; the limit for {what} is {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise GraphError(f"cannot read the file: {error.strerror or error}") from None
    except ValueError:  # a NUL in its name
        raise GraphError("there is no file of that name") from None


def read_source(path: Path, file: str) -> SourceText:
    """The text of a file; unsuitable files are refused before they are read. `file` is the name shown in messages."""

    def refuse(message: str) -> PatchError:
        return PatchError([Problem(file, 1, 1, message)])

    try:
        data = read_bytes(path, "a patch")
    except GraphError as error:
        raise refuse(str(error)) from None
    try:
        return SourceText(file, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        lines = LINE_BREAK.split(before)
        place = Problem(file, len(lines), len(lines[-1]) + 1, "the file is not UTF-8: save it as UTF-8 text")
        raise PatchError([place]) from None
