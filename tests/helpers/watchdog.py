"""A time limit that prints the stacks of all threads and ends the process."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within_seconds(seconds: float) -> Iterator[None]:
    """Ends the process, with the stacks of all threads on stderr, if the block exceeds the time limit."""
    assert sys.__stderr__ is not None
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
