"""Watches the files of a patch and reports saved ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

SETTLE_MS = 60
"""Milliseconds to wait after the last write: editors save a file in several steps."""

LOOK_MS = 500
"""Polling interval in milliseconds, for file systems without change notifications."""


class Watcher:
    """[control] Calls `saved` with the changed files of `files()`, on its own thread, "graphrun watch".

    One thread starts and stops it. There is no lock. `saved` may block: only `stop` waits for it, at most 0.5 s.
    """

    def __init__(self, files: Callable[[], set[Path]], saved: Callable[[set[Path]], None]) -> None:
        self._files, self._saved = files, saved
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="graphrun watch", daemon=True)

    def start(self) -> None:
        """Starts watching."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stop.set()
        self._thread.join(0.5)

    def _watch(self) -> None:
        from watchfiles import watch

        seen = {file: _written_at(file) for file in self._files()}
        while not self._stop.is_set():
            folders = {file.parent for file in seen if file.parent.is_dir()}
            if not folders:
                self._stop.wait(LOOK_MS / 1000)
                continue
            wakes = watch(
                *folders,  # the folders, because editors replace files
                watch_filter=None,
                recursive=False,
                debounce=SETTLE_MS,
                step=SETTLE_MS // 2,
                rust_timeout=LOOK_MS,
                yield_on_timeout=True,
                stop_event=self._stop,
                raise_interrupt=False,
            )
            for _ in wakes:  # modification times decide, so no save is missed during a reload
                changed = {file for file, written in seen.items() if _written_at(file) not in (0, written)}
                if changed:
                    for file in changed:
                        seen[file] = _written_at(file)
                    self._saved(changed)
                    seen = {file: seen.get(file) or _written_at(file) for file in self._files() | set(seen)}
                    if not {file.parent for file in seen if file.parent.is_dir()} <= folders:
                        break


def _written_at(file: Path) -> int:
    """Modification time of a file in nanoseconds; 0 if it does not exist."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
