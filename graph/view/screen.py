"""The terminal view of a playing patch, with keys to play and control it."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from functools import partial
from typing import TYPE_CHECKING

from graph.errors import GraphrunError
from graph.play.control import ControlThread
from graph.play.live import Live
from graph.view.board import Board
from graph.view.key_codes import RELEASE, Key
from graph.view.keys import Piano
from graph.view.plain import Plain
from graph.view.prompt import Prompt
from graph.view.state import Actions, ViewState, attempt
from graph.view.terminal import Terminal, fit_for_a_view

if TYPE_CHECKING:
    from rich.text import Text

REFRESH = 1 / 12
"""Seconds between screen updates."""
TICK = 0.02
"""Seconds between updates of the computer keyboard's notes."""
AHEAD = 8
"""Maximum number of pending key actions; a held reload key must not queue a minute of work."""
ENDED = "the view is closed"
SURE = 2.0
"""Seconds within which a second escape quits."""


def run(
    live: Live,
    *,
    title: str = "",
    plain: bool = False,
    actions: Actions | None = None,
    seconds: float | None = None,
) -> None:
    """[control] Shows playback until the user quits, the music ends, the device is lost, or `seconds` have passed.

    Playback is never stopped. Ctrl-C raises KeyboardInterrupt, with the terminal restored.

    plain     prints lines of text instead of a screen, as it always does to a pipe
    actions   functions of the keys for presets, recording and reload
    """
    title = title or live.graph.name or "graphrun"
    deadline = None if seconds is None else time.monotonic() + seconds
    if plain or not fit_for_a_view(sys.stdout):
        Plain(live, title).run(deadline)
        return
    state = ViewState(live)
    try:
        with Terminal() as terminal, redirect_stderr(_News(live)):
            _Screen(live, state, terminal, title, actions or Actions()).run(deadline)
    finally:
        state.close()


class _Screen:
    """The main loop of the terminal view, on one thread.

    A key's action may take seconds (kernels are compiled), so two more threads run the actions in key order. One reads
    patches, the other starts and stops recordings, so that recordings never wait for the compiler. There is no lock.
    """

    def __init__(self, live: Live, state: ViewState, terminal: Terminal, title: str, actions: Actions) -> None:
        self.live, self.state, self.terminal, self.actions = live, state, terminal, actions
        self.piano = Piano(live)
        self.board = Board(state, self.piano, title, actions)
        self.knobs = self.board.knobs
        self.prompt: Prompt | None = None
        self.paint = painter()
        self._quitting = float("-inf")
        self._patch = ControlThread("graphrun view", ENDED)
        self._tape = ControlThread("graphrun view recording", ENDED)

    def run(self, deadline: float | None) -> None:
        """Runs until playback ends or the user quits."""
        due = 0.0
        self._patch.start()
        self._tape.start()
        try:
            while self.live.running and not self.live.lost and not self.live.finished:
                now = time.monotonic()
                if deadline is not None and now >= deadline:
                    return
                if now >= due:
                    due = now + REFRESH
                    self.picture()
                for key in self.terminal.keys(min(TICK, REFRESH) if self.piano.sounding else max(0.0, due - now)):
                    if self.handle(key):
                        return
                self.piano.tick()
        except GraphrunError as error:
            self.live.tell(str(error))
        finally:
            self._patch.end(0.0)
            self._tape.end(0.0)
            if self.live.running and not self.live.lost:
                self.piano.silence()

    def picture(self) -> None:
        """Draws the current state."""
        self.state.update()
        asked = self.prompt.text if self.prompt else ""
        self.board.notice = asked or ("press esc again to quit" if time.monotonic() < self._quitting else "")
        width, height = self.terminal.size
        self.terminal.draw([self.paint(line, width) for line in self.board.lines(width, height)])

    def handle(self, key: Key) -> bool:
        """Handles a key; returns whether to quit."""
        if self.prompt is not None:
            self.prompt = self.prompt.after(key)
            return False
        if self.piano.handle(key, releases=self.terminal.releases) or key.kind == RELEASE:
            return False
        name, now = key.name, time.monotonic()
        if name == "escape":
            if now < self._quitting:
                return True
            self._quitting = now + SURE
        elif name in POINTED:
            self.point(key)
        elif name in KEYS:
            KEYS[name](self)
        return False

    def point(self, key: Key) -> None:
        """A click selects a knob or plays a preset; the wheel turns the knob under it, or else the selected one."""
        spot = self.board.spot(key.column, key.row)
        if key.name != "click":
            self.turn(POINTED[key.name], spot.index if spot is not None and spot.kind == "knob" else None)
        elif spot is not None and spot.kind == "knob":
            self.knobs.at = spot.index
        elif spot is not None and self.actions.presets is not None and self.actions.choose is not None:
            names = self.actions.presets()
            if spot.index < len(names):
                self.patch(partial(self.actions.choose, names[spot.index]))

    def turn(self, steps: float, at: int | None = None) -> None:
        """Turns a knob; a mistake is a message."""
        attempt(self.live, partial(self.knobs.turn, steps, at))

    def store(self) -> None:
        """Asks for a name, under which what sounds is stored as a preset."""
        action = self.actions.store
        if action is not None:
            known = self.actions.presets() if self.actions.presets else []
            self.prompt = Prompt("store as preset", lambda name: self.patch(partial(action, name)), known)

    def patch(self, action: Callable[[], str | None] | None) -> None:
        """Queues an action on the patch thread."""
        self.work(self._patch, action)

    def tape(self, action: Callable[[], str | None] | None) -> None:
        """Queues an action on the recording thread."""
        self.work(self._tape, action)

    def panic(self) -> None:
        """All notes off."""
        self.piano.silence()
        self.live.panic()

    def mute(self) -> None:
        """Toggles mute."""
        self.live.muted = not self.live.muted

    def work(self, thread: ControlThread, action: Callable[[], str | None] | None) -> None:
        """Queues an action on a thread, after those queued earlier."""
        if action is None:
            return
        if thread.waiting >= AHEAD:
            self.live.tell(f"busy: {AHEAD} earlier actions are still pending")
            return
        thread.later(partial(attempt, self.live, action))


KEYS: dict[str, Callable[[_Screen], object]] = {
    "left": lambda screen: screen.piano.shift(-1),
    "right": lambda screen: screen.piano.shift(1),
    ",": lambda screen: screen.piano.louder(-0.1),
    ".": lambda screen: screen.piano.louder(0.1),
    "tab": lambda screen: screen.piano.toggle_latch(),
    " ": _Screen.panic,
    "backspace": _Screen.mute,
    "up": lambda screen: screen.patch(screen.actions.previous_preset),
    "down": lambda screen: screen.patch(screen.actions.next_preset),
    "enter": lambda screen: screen.tape(screen.actions.record),
    "ctrl-r": lambda screen: screen.patch(screen.actions.reload),
    "page-up": lambda screen: screen.knobs.move(-1),
    "page-down": lambda screen: screen.knobs.move(1),
    "-": lambda screen: screen.turn(-1),
    "+": lambda screen: screen.turn(1),
    "=": lambda screen: screen.turn(1),
    "home": lambda screen: attempt(screen.live, screen.knobs.reset),
    "ctrl-p": _Screen.store,
}
"""The action of each key, except the piano's and escape."""

POINTED = {"click": 0.0, "wheel-up": 1.0, "wheel-down": -1.0, "fine-up": 0.1, "fine-down": -0.1}
"""What the mouse does, and the steps that a notch of its wheel turns a knob."""


class _News(io.TextIOBase):
    """Turns text written to stderr into messages, because it would corrupt the screen."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def write(self, text: str) -> int:
        """Adds each line as a message."""
        self._live.messages.extend(line.strip() for line in text.replace("\r", "\n").splitlines() if line.strip())
        return len(text)


def painter() -> Callable[[Text, int], str]:
    """Converts lines to escape sequences for the terminal's color depth, with a cache."""
    from rich.console import Console

    real = Console(file=sys.stdout)
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        force_terminal=True,
        color_system="auto" if real.color_system else None,
        no_color=real.no_color,
        legacy_windows=False,
        highlight=False,
    )
    kept: dict[str, tuple[Text, int, str]] = {}

    def paint(line: Text, width: int) -> str:
        known = kept.get(line.plain)
        if known is not None and known[1] == width and known[0] == line:
            return known[2]
        buffer.seek(0)
        buffer.truncate()
        console.width = width
        console.print(line, end="", no_wrap=True, overflow="crop", crop=True)
        text = buffer.getvalue().replace("\n", "")
        if len(kept) > 200:
            kept.clear()
        kept[line.plain] = line, width, text
        return text

    return paint
