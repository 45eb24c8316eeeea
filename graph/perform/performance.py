"""A patch file that plays: its presets, what was set on the command line, and what happens when it is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graph.errors import GraphrunError, in_words
from graph.model.net import Graph
from graph.patch.patch import Patch, apply, read
from graph.perform.excerpt import excerpt
from graph.perform.fresh import forget_nodes, node_files
from graph.play.programs import Programs

if TYPE_CHECKING:
    from graph.play.live import Live

SETTLE_MS = 60
"""Editors write a file in several steps; so long after the last of them it is read."""

LOOK_MS = 500
"""How often files are looked at where the system does not tell of changes."""


class Performance:
    """[control] Reads a patch, and reads it again as often as it is asked.

    path          the patch; nodes_files: Python files with further nodes
    presets       presets that are applied in turn; values: inputs set anew, as text
    first, last   bars or sections between which it plays; seconds: how long that is
    settings      what these amount to, one after the other
    """

    def __init__(
        self,
        path: str | Path,
        *,
        nodes_files: Iterable[str | Path] = (),
        presets: Iterable[str] = (),
        values: Mapping[str, str] | None = None,
        first: str = "",
        last: str = "",
    ) -> None:
        self._bars = first, last
        self.seconds: float | None = None
        self.path = path
        self.nodes_files = tuple(nodes_files)
        self.presets = list(presets)
        self.values = dict(values or {})
        self.patch: Patch = self._read()
        self.live: Live | None = None
        self._lock = threading.RLock()  # `choose` reloads
        self._programs = Programs()
        self._watcher: Watcher | None = None

    @property
    def graph(self) -> Graph:
        """What the patch amounts to."""
        return self.patch.graph

    @property
    def stem(self) -> str:
        """The patch's file name without its suffix."""
        return Path(self.path).stem

    @property
    def title(self) -> str:
        """What people call it."""
        return self.graph.name or self.stem

    @property
    def preset(self) -> str:
        """The preset that was chosen last, or nothing."""
        return self.presets[-1] if self.presets else ""

    def _read(self) -> Patch:
        patch = read(self.path, nodes_files=self.nodes_files)
        self.settings = apply(patch, self.presets, self.values)
        if any(self._bars):
            self.seconds = excerpt(patch.graph, *self._bars)
        return patch

    def begin(self, live: Live, *, watch: bool = True) -> None:
        """Takes charge of what plays: saving a file of the patch swaps it, a program change chooses a preset."""
        self.live = live
        live.observers.append(self._heard)
        if watch:
            self._watcher = Watcher(self.files, self._saved)
            self._watcher.start()

    def end(self) -> None:
        """Watches no longer, and says which program changes chose nothing."""
        if self.live is not None:
            self.live.news += self._programs.summary()
        if self._watcher is not None:
            self._watcher.stop()

    def files(self) -> set[Path]:
        """The patch, the patches in it, and the Python files of its nodes."""
        return self.patch.shared.files.paths() | node_files()

    def reload(self) -> None:
        """Reads the patch again and swaps it in; a GraphrunError leaves all as it was."""
        with self._lock:
            patch = self._read()
            if self.live is not None:
                self.live.reload(patch.graph)
                before, after = self.graph, patch.graph
                if (before.rate, before.block) != (after.rate, after.block):
                    self.live.news.append("another rate or block takes effect when you start again")
            self.patch = patch

    def choose(self, preset: str) -> None:
        """Plays with another preset."""
        with self._lock:
            before = self.presets
            self.presets = [*before[:-1], preset] if before else [preset]
            try:
                self.reload()
            except BaseException:
                self.presets = before
                raise

    def step(self, by: int) -> str:
        """The next preset, or the one before; its name, or nothing where the patch has none."""
        names = list(self.patch.presets)
        if not names:
            return ""
        at = names.index(self.preset) if self.preset in names else (-1 if by > 0 else 0)
        self.choose(names[(at + by) % len(names)])
        return self.preset

    def with_preset(self, number: int) -> Graph | None:
        """Chooses preset `number`, counted from 0: the graph with it, or None if it is chosen already."""
        name = list(self.patch.presets)[number]
        if name == self.preset:
            return None
        self.choose(name)
        return self.graph

    def _heard(self, events: np.ndarray[Any, Any]) -> None:
        """MIDI has arrived: a program change chooses a preset. [the control thread of `live`]"""
        assert self.live is not None
        self._programs.foresee(self.live.lowest_channel)
        chosen, news = self._programs.chosen(self.graph, events, list(self.patch.presets))
        self.live.news += news
        try:
            if chosen and self.with_preset(chosen[-1][1]):
                self.live.news.append(f"program {chosen[-1][1] + 1}: {self.preset}")
        except GraphrunError as error:
            self.live.news.append(str(error))

    def _saved(self, changed: set[Path]) -> None:
        """Some of our files were saved."""
        assert self.live is not None
        if any(file.suffix == ".py" for file in changed):
            with self._lock:
                forget_nodes(changed)
        names = ", ".join(sorted(file.name for file in changed))
        try:
            self.reload()
        except Exception as error:  # a node's own Python may raise anything
            self.live.news.append(f"{names} was saved, but what plays goes on:\n{in_words(error)}")
        else:
            self.live.news.append(f"{names} was saved: swapped in")


class Watcher:
    """Calls `saved` with those of `files()` that were written, from a thread of its own."""

    def __init__(self, files: Callable[[], set[Path]], saved: Callable[[set[Path]], None]) -> None:
        self._files, self._saved = files, saved
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="graphrun watch", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stop.set()
        self._thread.join(2.0)

    def _watch(self) -> None:
        from watchfiles import watch

        seen = {file: _written_at(file) for file in self._files()}
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
