"""A line on the terminal while something takes its time."""

from __future__ import annotations

import sys
import time


class Progress:
    """A line that is written over while something takes its time; nothing where nobody looks on."""

    def __init__(self, *, enabled: bool) -> None:
        self._live = sys.stderr.isatty()
        self._enabled = enabled
        self._written = 0
        self._next = time.perf_counter() + 0.3

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Takes the line away."""
        if self._written:
            print("\r" + " " * self._written + "\r", end="", file=sys.stderr, flush=True)

    def compiling(self, done: int, total: int) -> None:
        """Kernels are being compiled."""
        if self._live:
            self._line(f"Compiling kernels, once on this machine: {done} of {total}")
        elif self._enabled and done in (0, total):
            print(f"Compiling kernels, once on this machine: {done} of {total}", file=sys.stderr, flush=True)

    def rendering(self, seconds: float) -> None:
        """So much sound is done."""
        if self._live and time.perf_counter() > self._next:
            self._next = time.perf_counter() + 0.1
            self._line(f"Rendered {seconds:.1f} s")

    def _line(self, text: str) -> None:
        print("\r" + text.ljust(self._written), end="", file=sys.stderr, flush=True)
        self._written = len(text)
