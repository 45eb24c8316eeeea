"""Memory shared by a process and its child, freed when both have exited.

`multiprocessing.shared_memory` gives memory a name, which outlives a killed process and needs a
separate cleanup process. This module uses only a file descriptor, which the child inherits: the
system frees it with the last of the two, however they exit. Windows reference-counts the name.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile

import numpy as np


class SharedMemory:
    """[control] `size` zero bytes, or with a `token` the memory created by the parent.

    token   identifies the memory to the child
    fds     descriptors for the child to inherit, for `subprocess.Popen(pass_fds=...)`
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
            self.array[:] = 0  # fault in every page before the audio thread uses it

    @property
    def base(self) -> int:
        """Address of the first byte, in this process."""
        return int(self.array.ctypes.data)

    def close(self) -> None:
        """Closes the descriptor: no more children; the memory is freed with the last reference to `array`."""
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
