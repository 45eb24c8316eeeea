"""An event loop in the time of a piece: when all tasks wait, the piece is rendered up to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Advances the piece instead of sleeping."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # no timer runs: only a thread or a socket can wake a task
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            self._advance(timeout)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, now: Callable[[], float], advance: Callable[[float], None]) -> None:
        self._piece_time = now
        super().__init__(_Selector(advance))

    def time(self) -> float:
        return self._piece_time()


def run(main: Coroutine[Any, Any, T], now: Callable[[], float], advance: Callable[[float], None]) -> T:
    """[control] Runs `main` like `asyncio.run`, with all timers in the time of a piece; returns its result.

    now      returns the time of the piece in seconds
    advance  advances the piece by a number of seconds
    """
    loop = _Loop(now, advance)
    task = None
    try:
        task = loop.create_task(main)
        return loop.run_until_complete(task)
    finally:
        try:
            left = asyncio.all_tasks(loop)
            for each in left:
                each.cancel()
            if left:
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            if task is None:
                main.close()
            loop.close()
