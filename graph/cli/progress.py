"""A progress line on the terminal."""

from __future__ import annotations

import sys
import time


class Progress:
    """A progress line that is overwritten, on a terminal; a quiet one prints nothing."""

    def __init__(self, *, enabled: bool, quiet: bool = False) -> None:
        self._live = sys.stderr.isatty() and not quiet
        self._enabled = enabled
        self._written = 0
        self._next = time.perf_counter() + 0.3

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Erases the line."""
        if self._written:
            print("\r" + " " * self._written + "\r", end="", file=sys.stderr, flush=True)

    def compiling(self, done: int, total: int) -> None:
        """Reports compilation progress."""
        if self._live:
            self._line(f"Compiling kernels (first use on this machine): {done} of {total}")
        elif self._enabled and done in (0, total):
            print(f"Compiling kernels (first use on this machine): {done} of {total}", file=sys.stderr, flush=True)

    def rendering(self, seconds: float) -> None:
        """Reports the length rendered so far."""
        if self._live and time.perf_counter() > self._next:
            self._next = time.perf_counter() + 0.1
            self._line(f"Rendered {seconds:.1f} s")

    def _line(self, text: str) -> None:
        print("\r" + text.ljust(self._written), end="", file=sys.stderr, flush=True)
        self._written = len(text)
