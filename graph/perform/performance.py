"""`Performance`: plays a patch file with presets and command-line values, and reloads it when it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from graph.errors import DeviceError, in_words
from graph.model.net import Net
from graph.patch.patch import Patch, apply, read
from graph.patch.presets import Setting
from graph.perform.excerpt import excerpt
from graph.perform.fresh import forget_nodes, node_files
from graph.perform.watcher import Watcher
from graph.play.control import ControlThread
from graph.play.file_tempo import follow_file, hold
from graph.play.programs import NO_CHANNEL, Programs

if TYPE_CHECKING:
    from graph.play.live import Live

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that a caller waits while a patch is read, compiled and swapped in."""

ENDING = 0.3
"""Seconds that `end` waits for a running request."""


@dataclass(frozen=True)
class Reading:
    """A patch as read, with its presets and excerpt. Immutable: a reload replaces it.

    presets   in order of application; settings: the resulting values, including those of the command line
    seconds   length of the excerpt, or None
    notes     messages about differences between the tempos of the MIDI file and the patch
    held      clocks that wait for the MIDI file to start
    """

    patch: Patch
    presets: tuple[str, ...]
    settings: tuple[Setting, ...]
    seconds: float | None
    notes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


class Performance:
    """[control] Reads a patch, reloads it on request, and applies presets.

    From `begin` to `end` any thread may call any method. One thread, "graphrun performance", then reads patches and
    swaps them in, one request at a time: `reload`, `choose`, `step` and `program` wait for it, at most one minute, and
    run immediately if called on that thread. It may wait for the control thread of the Live, which never waits for
    it. A program change is only queued, so an observer never waits for the compiler. Before `begin` a performance
    belongs to one thread; after `end` requests are rejected. There is no lock: the last successful reading is one
    immutable `Reading`, replaced as soon as the next one plays. So `preset`, `patch`, `settings` and `graph` are
    always consistent.

    path          the patch; nodes_files: Python files with additional nodes
    presets       presets, applied in order; values: inputs set on the command line, as text
    first, last   bars or sections between which it plays; seconds: the length of that excerpt
    midi          a MIDI file to play; nodes without a clock follow its tempo, and with `file_tempo` all nodes do
    settings      the values of presets and command line, in order
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
        self.path = path
        self.nodes_files = tuple(nodes_files)
        self.values = dict(values or {})
        self._now = self._read(tuple(presets))
        self._swap: Callable[[Net], object] = lambda _: None
        self._tell: Callable[[str], object] = lambda _: None
        self._thread: ControlThread | None = None
        self._programs = Programs()
        self._foreseen: Callable[[], int] = lambda: NO_CHANNEL
        self._watcher: Watcher | None = None
        self._wanted: int | None = None

    @property
    def patch(self) -> Patch:
        """The playing patch."""
        return self._now.patch

    @property
    def graph(self) -> Net:
        """The graph of the patch."""
        return self._now.patch.graph

    @property
    def presets(self) -> list[str]:
        """The applied presets, in order."""
        return list(self._now.presets)

    @property
    def settings(self) -> list[Setting]:
        """The values of presets and command line, in order."""
        return list(self._now.settings)

    @property
    def seconds(self) -> float | None:
        """Length of the excerpt from `first` to `last` in seconds, or None."""
        return self._now.seconds

    @property
    def notes(self) -> list[str]:
        """Messages about differences between the tempos of the MIDI file and the patch."""
        return list(self._now.notes)

    @property
    def held(self) -> list[str]:
        """Clocks that wait for the MIDI file to start, after `wait_for_file`."""
        return list(self._now.held)

    @property
    def stem(self) -> str:
        """The patch's file name without its suffix."""
        return Path(self.path).stem

    @property
    def title(self) -> str:
        """The name of the patch, or of its file."""
        return self.graph.name or self.stem

    @property
    def preset(self) -> str:
        """The last preset applied, or an empty string."""
        return self._now.presets[-1] if self._now.presets else ""

    def _read(self, presets: tuple[str, ...]) -> Reading:
        patch = read(self.path, nodes_files=self.nodes_files, file_clock=self._midi is not None)
        settings = apply(patch, presets, self.values)
        midi = self._midi
        notes = follow_file(patch.graph, midi, drives=self._file_tempo) if midi else []
        seconds = excerpt(patch.graph, *self._bars, midi=midi) if any(self._bars) else None
        held = hold(patch.graph, midi) if self._waits else []
        return Reading(patch, presets, tuple(settings), seconds, tuple(notes), tuple(held))

    def wait_for_file(self) -> None:
        """Stops the clocks until `Live.play_midi` starts them with the file, because the device starts earlier."""
        self._waits = True
        self._now = replace(self._now, held=tuple(hold(self.graph, self._midi)))

    def run_at_once(self) -> None:
        """Undoes `wait_for_file`: the clocks run from the first frame, as in offline rendering."""
        self._waits = False
        for name in self._now.held:
            self.graph.nodes[name].set("playing", 1.0)
        self._now = replace(self._now, held=())

    def begin(self, live: Live, *, watch: bool = True) -> None:
        """Starts hot reload and program changes for a Live: a saved file is swapped in, a program selects a preset."""
        self._foreseen = lambda: live.lowest_channel
        self.attach(live.swap, live.tell, watch=watch)
        live.on_events(self.heard)

    def attach(self, swap: Callable[[Net], object], tell: Callable[[str], object], *, watch: bool = True) -> None:
        """Like `begin`, without a Live: `swap` receives graphs and `tell` messages, both on the performance thread."""
        self._swap, self._tell = swap, tell
        self._thread = ControlThread("graphrun performance", "the performance has been stopped")
        self._thread.start()
        if watch:
            self._watcher = Watcher(self.files, self.saved)
            self._watcher.start()

    def end(self) -> None:
        """Rejects further requests and stops watching files; abandons a patch that is still being read.

        Reports ignored program changes.
        """
        thread = self._thread
        if thread is not None:
            thread.end(ENDING)
        for line in self._programs.summary():
            self._tell(line)
        if self._watcher is not None:
            self._watcher.stop()

    def files(self) -> set[Path]:
        """The files of the patch, its subpatches and its nodes."""
        return self.patch.shared.files.paths() | node_files()

    def reload(self) -> None:
        """Reads the patch again and swaps it in; after a GraphrunError the previous version keeps playing."""
        self._do(lambda: self._take(self._now.presets))

    def choose(self, preset: str) -> None:
        """Switches to another preset; after a GraphrunError the previous one keeps playing."""
        self._do(lambda: self._choose(preset))

    def step(self, by: int) -> str:
        """Switches to the next or previous preset; returns its name, or an empty string if the patch has none."""
        return self._do(lambda: self._step(by))

    def program(self, number: int) -> str:
        """Switches to preset `number`, from 0; returns its name, or an empty string if nothing changed."""
        return self._do(lambda: self._program(number))

    def _do(self, work: Callable[[], T]) -> T:
        """Runs `work` on the performance thread, or directly before `begin`."""
        return work() if self._thread is None else self._thread.do(work, PATIENCE)

    def _take(self, presets: tuple[str, ...]) -> None:
        before, after = self._now, self._read(presets)
        self._swap(after.patch.graph)
        self._now = after
        old, new = before.patch.graph, after.patch.graph
        if (old.rate, old.block) != (new.rate, new.block):
            self._tell("a new rate or block takes effect after a restart")

    def _choose(self, preset: str) -> None:
        self._take((*self._now.presets[:-1], preset))

    def _step(self, by: int) -> str:
        names = list(self.patch.presets)
        if not names:
            return ""
        at = names.index(self.preset) if self.preset in names else (-1 if by > 0 else 0)
        self._choose(names[(at + by) % len(names)])
        return self.preset

    def _program(self, number: int) -> str:
        names = list(self.patch.presets)
        if number >= len(names) or names[number] == self.preset:
            return ""
        self._choose(names[number])
        return self.preset

    def with_preset(self, number: int) -> Net | None:
        """Switches to preset `number`, from 0; returns the graph, or None if it was already active."""
        return self.graph if self.program(number) else None

    def heard(self, events: np.ndarray[Any, Any]) -> None:
        """An observer of MIDI input: the last program change selects a preset.

        For the observers' thread only.
        """
        if self._thread is None:
            return
        self._programs.foresee(self._foreseen())
        chosen, news = self._programs.chosen(self.graph, events, list(self.patch.presets))
        for line in news:
            self._tell(line)
        if chosen:
            self._wanted = chosen[-1][1]
            self._thread.later(self._change_program)

    def _change_program(self) -> None:
        number, self._wanted = self._wanted, None
        if number is None:  # a later change has been handled instead
            return
        try:
            if self._program(number):
                self._tell(f"program {number + 1}: {self.preset}")
        except Exception as error:  # a node's own Python may raise anything
            self._tell(in_words(error))

    def saved(self, changed: set[Path]) -> None:
        """Reloads the patch after its files were saved, and waits until it is done."""
        try:
            self._do(partial(self._take_saved, changed))
        except DeviceError:  # playback was stopped, or the reload takes longer than the time limit
            return

    def _take_saved(self, changed: set[Path]) -> None:
        if any(file.suffix == ".py" for file in changed):
            forget_nodes(changed)
        names = ", ".join(sorted(file.name for file in changed))
        try:
            self._take(self._now.presets)
        except Exception as error:  # a node's own Python may raise anything
            self._tell(f"{names} was saved with an error; the previous version keeps playing:\n{in_words(error)}")
        else:
            self._tell(f"{names} was saved: swapped in")
