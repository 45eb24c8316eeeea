"""Memory that a process shares with a child of its own, and that is gone when both are.

`multiprocessing.shared_memory` gives memory a name, which outlives a process that is killed and wants a
process of its own to clear up. Here only a file descriptor stands for it, which the child inherits: the
system frees it with the last of the two, however they end. Windows counts the users of a name itself.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile

import numpy as np


class SharedMemory:
    """[control] `size` bytes of zeros, or with a `token` those that the parent has made.

    token   what tells the child which memory it is
    fds     what it must inherit, for `subprocess.Popen(pass_fds=...)`
    array   the memory, as bytes
    """

    def __init__(self, size: int, token: str = "") -> None:
        self.fds: tuple[int, ...] = ()
        if sys.platform == "win32":
            self.token = token or f"graphrun-{os.getpid()}-{secrets.token_hex(8)}"
            memory = mmap.mmap(-1, size, tagname=self.token)
        else:
            fd = int(token) if token else _anonymous(size)
            self.token, self.fds = str(fd), (fd,)
            memory = mmap.mmap(fd, size)
        self.array = np.frombuffer(memory, np.uint8)
        if not token:
            self.array[:] = 0  # every page is there before the audio thread asks for it

    @property
    def base(self) -> int:
        """Address of the first byte, in this process."""
        return int(self.array.ctypes.data)

    def close(self) -> None:
        """No further child will want it; it goes when nobody looks at `array` any more."""
        for fd in self.fds:
            os.close(fd)
        self.fds = ()


def _anonymous(size: int) -> int:
    if hasattr(os, "memfd_create"):
        fd: int = os.memfd_create("graphrun")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, size)
    return fd
