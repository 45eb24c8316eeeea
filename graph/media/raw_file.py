"""Files of which nothing is lost: new under a free name, or written beside the target and renamed."""

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
"""Seconds without a write after which a partial file counts as left over where processes cannot be asked for."""


class RawFile:
    """A file that is written at places, straight to the system: kill -9 takes nothing that was written."""

    def __init__(self, path: Path, mode: str) -> None:
        self.path = path
        self._file = path.open(mode, buffering=0)

    def write_at(self, place: int, data: bytes) -> None:
        """Writes all of `data`; OSError if the system takes only a part."""
        self._file.seek(place)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def truncate(self, length: int) -> None:
        """Cuts what lies behind `length`."""
        self._file.truncate(length)

    def close(self) -> None:
        """Gives the file back to the system."""
        self._file.close()


def free_names(path: Path) -> Iterator[Path]:
    """`take.wav`, `take-2.wav`, `take-3.wav`, ..."""
    yield path
    for number in count(2):
        yield path.with_stem(f"{path.stem}-{number}")


def free_name(path: str | os.PathLike[str]) -> Path:
    """The first of these names that no file has."""
    return next(name for name in free_names(Path(path)) if not os.path.lexists(name))


def claim(path: Path, content: bytes) -> RawFile:
    """A new file with this content at `path`, or under the next free name.

    Nothing is overwritten, even when two processes ask at once. The file appears whole where the file system has hard
    links.
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
    raise AssertionError("there is always a further name")


def beside(path: Path) -> Path:
    """The hidden file in the same folder in which this process writes what will be renamed to `path`."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def leftovers(folder: Path) -> list[str]:
    """A sentence for each hidden file that a killed process has left in `folder`."""
    found = []
    for file in sorted(folder.glob(".*.partial")):
        match = _PARTIAL.fullmatch(file.name)
        if match and _abandoned(file, int(match[2])):
            found.append(f"{file} was left by a process that was killed while it wrote {match[1]}; it can be removed")
    return found


def _abandoned(file: Path, process: int) -> bool:
    if sys.platform == "win32":  # there, os.kill would end the process
        try:
            return time.time() - file.stat().st_mtime > ABANDONED
        except OSError:
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # somebody else's
    return False
