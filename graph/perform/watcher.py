"""Watches the files of a patch, and says which were saved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

SETTLE_MS = 60
"""Editors write a file in several steps; so long after the last of them it is read."""

LOOK_MS = 500
"""How often files are looked at where the system does not tell of changes."""


class Watcher:
    """[control] Calls `saved` with those of `files()` that were written, from its own thread, "graphrun watch".

    One thread starts and stops it. There is no lock; `saved` may wait, and nobody waits for it but `stop`, 0.5 s.
    """

    def __init__(self, files: Callable[[], set[Path]], saved: Callable[[set[Path]], None]) -> None:
        self._files, self._saved = files, saved
        self._seen: dict[Path, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="graphrun watch", daemon=True)

    def start(self) -> None:
        """Begins to watch: whatever is saved from now on counts, however long the thread takes to begin."""
        self._seen = {file: _written_at(file) for file in self._files()}
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stop.set()
        self._thread.join(0.5)

    def _watch(self) -> None:
        from watchfiles import watch

        seen = self._seen
        while not self._stop.is_set():
            folders = {file.parent for file in seen if file.parent.is_dir()}
            if not folders:
                self._stop.wait(LOOK_MS / 1000)
                continue
            wakes = watch(
                *folders,  # for editors put a new file in the place of the old
                watch_filter=None,
                recursive=False,
                debounce=SETTLE_MS,
                step=SETTLE_MS // 2,
                rust_timeout=LOOK_MS,
                yield_on_timeout=True,
                stop_event=self._stop,
                raise_interrupt=False,
            )
            for _ in wakes:  # what has changed the files tell, so nothing is missed while one was being read
                changed = {file for file, written in seen.items() if _written_at(file) not in (0, written)}
                if changed:
                    for file in changed:
                        seen[file] = _written_at(file)
                    self._saved(changed)
                    seen = {file: seen.get(file) or _written_at(file) for file in self._files() | set(seen)}
                    if not {file.parent for file in seen if file.parent.is_dir()} <= folders:
                        break


def _written_at(file: Path) -> int:
    """When a file was last written, in nanoseconds; 0 where it is not there."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
