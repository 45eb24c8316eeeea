"""A patch file that plays: its presets, what was set on the command line, and what happens when it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from graph.engine.ending import deaf
from graph.errors import DeviceError, in_words
from graph.memory.events import NOTE_ON
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
"""Seconds that a caller waits for a patch to be read, compiled and swapped in."""

ENDING = 0.3
"""Seconds that `end` waits for a running request."""


@dataclass(frozen=True)
class Reading:
    """A patch as it was read, with all that was asked of it. Never changed: another reading takes its place.

    presets   applied in turn; settings: what they and the values amount to
    seconds   how long the part that was asked for is, or None
    notes     how the tempo of the MIDI file differs from that of the patch
    held      clocks that wait for the file to begin
    """

    patch: Patch
    presets: tuple[str, ...]
    settings: tuple[Setting, ...]
    seconds: float | None
    notes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


class Performance:
    """[control] Reads a patch, and reads it again as often as it is asked.

    From `begin` to `end` any thread may call any method. One thread, "graphrun performance", then reads patches and
    has them swapped in, one request after the other: `reload`, `choose`, `step` and `program` wait for it, at most a
    minute, and run at once where they are called on it. It may wait for the control thread of the Live, which waits
    for nobody. A program change is only queued, so an observer never waits for a patch to be compiled. Before `begin`
    a performance belongs to one thread, and after `end` requests are refused. There is no lock: what was read last is
    one immutable `Reading`, which takes the place of the one before as soon as it plays. So `preset`, `patch`,
    `settings` and `graph` never show half a change.

    path          the patch; nodes_files: Python files with further nodes
    presets       presets, applied in order; values: inputs changed on the command line, as text
    first, last   bars or sections between which it plays; seconds: how long that is
    midi          a MIDI file to play; nodes without a clock follow its tempo, and with `file_tempo` all nodes do
    settings      what presets and values amount to, one after the other
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
        self._deaf: Net | None = None

    @property
    def patch(self) -> Patch:
        """The patch as it plays."""
        return self._now.patch

    @property
    def graph(self) -> Net:
        """What the patch amounts to."""
        return self._now.patch.graph

    @property
    def presets(self) -> list[str]:
        """The presets that are applied, in turn."""
        return list(self._now.presets)

    @property
    def settings(self) -> list[Setting]:
        """What the presets and values amount to."""
        return list(self._now.settings)

    @property
    def seconds(self) -> float | None:
        """How long the part between `first` and `last` is, or None."""
        return self._now.seconds

    @property
    def notes(self) -> list[str]:
        """How the tempo of the MIDI file differs from that of the patch."""
        return list(self._now.notes)

    @property
    def held(self) -> list[str]:
        """Clocks that wait for the file to begin, once `wait_for_file` was called."""
        return list(self._now.held)

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
        """The clocks stand still until `Live.play_midi` starts them with the file, for a device runs before it."""
        self._waits = True
        self._now = replace(self._now, held=tuple(hold(self.graph, self._midi)))

    def run_at_once(self) -> None:
        """The clocks run from the first frame, as offline: what `wait_for_file` did is undone."""
        self._waits = False
        for name in self._now.held:
            self.graph.nodes[name].set("playing", 1.0)
        self._now = replace(self._now, held=())

    def begin(self, live: Live, *, watch: bool = True) -> None:
        """Takes charge of playback: saving a file of the patch swaps it, a program change chooses a preset."""
        self._foreseen = lambda: live.lowest_channel
        self.attach(live.swap, live.tell, watch=watch)
        live.on_events(self.heard)

    def attach(self, swap: Callable[[Net], object], tell: Callable[[str], object], *, watch: bool = True) -> None:
        """As `begin`, for what is no Live: `swap` has a graph take over, `tell` hears messages. Both on our thread."""
        self._swap, self._tell = swap, tell
        self._thread = ControlThread("graphrun performance", "the performance has been stopped")
        self._thread.start()
        if watch:
            self._watcher = Watcher(self.files, self.saved)
            self._watcher.start()

    def end(self) -> None:
        """Takes no more requests and watches no longer; a patch that is being read is abandoned.

        Says which program changes chose nothing.
        """
        thread = self._thread
        if thread is not None:
            thread.end(ENDING)
        for line in self._programs.summary():
            self._tell(line)
        if self._watcher is not None:
            self._watcher.stop()

    def files(self) -> set[Path]:
        """The patch, the patches in it, and the Python files of its nodes."""
        return self.patch.shared.files.paths() | node_files()

    def reload(self) -> None:
        """Reads the patch again and swaps it in; a GraphrunError leaves all as it was."""
        self._do(lambda: self._take(self._now.presets))

    def choose(self, preset: str) -> None:
        """Plays with another preset; a GraphrunError leaves all as it was."""
        self._do(lambda: self._choose(preset))

    def step(self, by: int) -> str:
        """The next preset, or the one before; its name, or nothing where the patch has none."""
        return self._do(lambda: self._step(by))

    def program(self, number: int) -> str:
        """What a MIDI program change asks for: preset `number`, counted from 0; its name, or nothing."""
        return self._do(lambda: self._program(number))

    def _do(self, work: Callable[[], T]) -> T:
        """Runs `work` on our thread, or here where nothing plays."""
        return work() if self._thread is None else self._thread.do(work, PATIENCE)

    def _take(self, presets: tuple[str, ...]) -> None:
        before, after = self._now, self._read(presets)
        self._swap(after.patch.graph)
        self._now = after
        old, new = before.patch.graph, after.patch.graph
        if (old.rate, old.block) != (new.rate, new.block):
            self._tell("another rate or block takes effect when you start again")

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
        """Chooses preset `number`, counted from 0: the graph with it, or None if it is chosen already."""
        return self.graph if self.program(number) else None

    def heard(self, events: np.ndarray[Any, Any]) -> None:
        """An observer: MIDI has arrived, and a program change may choose a preset. Of several, the last one does.

        Where the patch has no MidiIn, the first notes are answered with a message. For the observers' thread alone.
        """
        if self._thread is None:
            return
        if self._midi is None and self._deaf is not self.graph and (events["event"]["kind"] == NOTE_ON).any():
            self._deaf = self.graph
            for line in deaf(self.graph, "what you play is"):
                self._tell(line)
        self._programs.foresee(self._foreseen())
        chosen, news = self._programs.chosen(self.graph, events, list(self.patch.presets))
        for line in news:
            self._tell(line)
        if chosen:
            self._wanted = chosen[-1][1]
            self._thread.later(self._change_program)

    def _change_program(self) -> None:
        number, self._wanted = self._wanted, None
        if number is None:  # a later one has been done in its place
            return
        try:
            if self._program(number):
                self._tell(f"program {number + 1}: {self.preset}")
        except Exception as error:  # a node's own Python may raise anything
            self._tell(in_words(error))

    def saved(self, changed: set[Path]) -> None:
        """Some of our files were saved: has them read again, and waits for it."""
        try:
            self._do(partial(self._take_saved, changed))
        except DeviceError:  # it was stopped meanwhile, or takes longer than anyone waits
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
