"""A patch file that plays: its presets, what was set on the command line, and what happens when it is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graph.errors import GraphrunError, in_words
from graph.memory.events import PROGRAM
from graph.model.net import Graph
from graph.patch.patch import Patch, apply, read
from graph.perform.excerpt import excerpt
from graph.perform.file_tempo import follow_file, hold
from graph.perform.fresh import forget_nodes, node_files

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
    midi          a MIDI file that is played into it: what has no clock follows its tempo; with `file_tempo` all does
    settings      what presets and values amount to, one after the other
    notes         what to know of the tempo of the file
    held          clocks that wait for the file to begin, once `wait_for_file` was called
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
        midi: str | Path | None = None,
        file_tempo: bool = False,
    ) -> None:
        self._bars = first, last
        self._midi, self._file_tempo, self._waits = midi, file_tempo, False
        self.notes: list[str] = []
        self.held: list[str] = []
        self.seconds: float | None = None
        self.path = path
        self.nodes_files = tuple(nodes_files)
        self.presets = list(presets)
        self.values = dict(values or {})
        self.patch: Patch = self._read()
        self.live: Live | None = None
        self._lock = threading.Lock()
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
        if self._midi:
            self.notes = follow_file(patch.graph, self._midi, drives=self._file_tempo)
        if any(self._bars):
            self.seconds = excerpt(patch.graph, *self._bars, midi=self._midi)
        if self._waits:
            self.held = hold(patch.graph, self._midi)
        return patch

    def wait_for_file(self) -> None:
        """The clocks stand still until `Live.play_file` starts them with the file, for a device runs before it."""
        self._waits = True
        self.held = hold(self.graph, self._midi)

    def run_at_once(self) -> None:
        """The clocks run from the first frame, as offline: what `wait_for_file` did is undone."""
        self._waits = False
        for name in self.held:
            self.graph.nodes[name].set("playing", 1.0)
        self.held = []

    def begin(self, live: Live, *, watch: bool = True) -> None:
        """Takes charge of what plays: saving a file of the patch swaps it, a program change chooses a preset."""
        self.live = live
        live.observers.append(self._heard)
        if watch:
            self._watcher = Watcher(self.files, self._saved)
            self._watcher.start()

    def end(self) -> None:
        """Watches no longer."""
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

    def program(self, number: int) -> str:
        """What a MIDI program change asks for: preset `number`, counted from 0."""
        names = list(self.patch.presets)
        if number < len(names):
            self.choose(names[number])
            return self.preset
        return ""

    def _heard(self, events: np.ndarray[Any, Any]) -> None:
        """MIDI has arrived: a program change chooses a preset."""
        kinds = events["event"]["kind"]
        if not (kinds == PROGRAM).any():
            return
        assert self.live is not None
        number = int(events["event"]["number"][kinds == PROGRAM][-1])
        try:
            if self.program(number):
                self.live.news.append(f"program {number + 1}: {self.preset}")
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
