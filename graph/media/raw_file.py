"""Files that lose no data: new files under a free name, or temporary files renamed to the target."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_PARTIAL = re.compile(r"\.(.+)\.(\d+)\.partial")
ABANDONED = 60.0
"""Seconds without a write after which a partial file counts as abandoned, on systems that cannot query processes."""


class RawFile:
    """A file with unbuffered writes at given positions: kill -9 loses nothing already written."""

    def __init__(self, path: Path, mode: str) -> None:
        self.path = path
        self._file = path.open(mode, buffering=0)

    def write_at(self, place: int, data: bytes) -> None:
        """Writes all of `data`; OSError if the system accepts only part of it."""
        self._file.seek(place)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def truncate(self, length: int) -> None:
        """Cuts everything after `length`."""
        self._file.truncate(length)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def free_names(path: Path) -> Iterator[Path]:
    """`take.wav`, `take-2.wav`, `take-3.wav`, ..."""
    yield path
    for number in count(2):
        yield path.with_stem(f"{path.stem}-{number}")


def free_name(path: str | os.PathLike[str]) -> Path:
    """The first of these names that is free."""
    return next(name for name in free_names(Path(path)) if not os.path.lexists(name))


def claim(path: Path, content: bytes) -> RawFile:
    """Creates a file with this content at `path`, or under the next free name.

    Never overwrites a file, even if two processes create one at the same time. The file appears complete where the
    file system supports hard links.
    """
    partial = beside(path)
    try:
        file = RawFile(partial, "wb")
        try:
            file.write_at(0, content)
        finally:
            file.close()
        for name in free_names(path):
            try:
                os.link(partial, name)
            except FileExistsError:
                continue
            except OSError:  # no hard links, as on FAT
                try:
                    file = RawFile(name, "xb")
                except FileExistsError:
                    continue
                file.write_at(0, content)
                return file
            return RawFile(name, "r+b")
    finally:
        partial.unlink(missing_ok=True)
    raise AssertionError("there is always another name")


def beside(path: Path) -> Path:
    """The hidden temporary file in the same folder, which is later renamed to `path`."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def leftovers(folder: Path) -> list[str]:
    """One sentence for each hidden file in `folder` left by a killed process."""
    found = []
    for file in sorted(folder.glob(".*.partial")):
        match = _PARTIAL.fullmatch(file.name)
        if match and _abandoned(file, int(match[2])):
            found.append(f"{file} is an unfinished {match[1]} of a killed process: you can delete it")
    return found


def _abandoned(file: Path, process: int) -> bool:
    if sys.platform == "win32":  # on Windows, os.kill would terminate the process
        try:
            return time.time() - file.stat().st_mtime > ABANDONED
        except OSError:
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it belongs to another user
    return False
