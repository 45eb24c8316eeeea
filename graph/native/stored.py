"""Files of the cache: what is read is exactly what was written, or nothing.

A power cut leaves files with a tail of zeros, a disk flips bits, and the linker runs whatever it is given. So each file
starts with a digest of its content and its name; one that does not fit is compiled or computed again. The digest is no
protection against another user who may write to the folder: such a folder is not used.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import stat
import sys
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

MAGIC = b"graphrun cache 1\n"
DIGEST = 32
_told: set[str] = set()


def read(path: Path) -> bytes | None:
    """[control] What `write` stored under this name; None if there is no such file, or if it is damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    content = data[len(MAGIC) + DIGEST :]
    if data[: len(MAGIC) + DIGEST] == MAGIC + _digest(path.name, content):
        return content
    tell("the kernel cache has a damaged file, which is made again")
    with suppress(OSError):
        path.unlink()
    return None


def write(path: Path, content: bytes) -> None:
    """[control] Stores `content`, whole or not at all; OSError if the disk refuses.

    The temporary name is unique among the processes of all machines that share the folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with partial.open("xb") as file:
            file.write(MAGIC + _digest(path.name, content) + content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _digest(name: str, content: bytes) -> bytes:
    return blake2b(name.encode() + b"\0" + content, digest_size=DIGEST).digest()


@cache
def trusted(path: Path) -> Path:
    """[control] `path`, or an empty folder for this process if users other than you may write to it."""
    if sys.platform == "win32":  # the user's own folder inherits its access list
        return path
    with suppress(OSError):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        found = path.stat()
    except OSError:
        return path
    if found.st_uid in (os.getuid(), 0) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return path
    own = Path(tempfile.mkdtemp(prefix="graphrun-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    tell(f"{path} is not used as a cache, because other users may write to it: chmod go-w {path}")
    return own


def tell(message: str) -> None:
    """Prints a line once per process."""
    if message not in _told:
        _told.add(message)
        print(message, file=sys.stderr)
