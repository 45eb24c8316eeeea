"""`--learn`: move a knob, name an input, and the mapping is saved in the patch file."""

from __future__ import annotations

import builtins
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from graph.errors import GraphError, GraphrunError
from graph.language.expression import ExpressionError
from graph.node.ports import In
from graph.node.values import constant
from graph.patch.patch import Patch, read
from graph.play.activity import Activity
from graph.play.live import Live
from graph.writer.control_file import ControlMapping, checked, knob_of, learnable, number, own_file, write_mapping

SETTLE = 0.3
"""Seconds for which movements are counted; the knob that moved most is learned."""
TOUCHED = "Move a knob or fader (Ctrl-C to stop)."

Ask = Callable[[str], str]


def learn(
    live: Live,
    patch_path: str | Path,
    ask: Ask = input,
    *,
    nodes_files: Iterable[str | Path] = (),
    tell: Callable[[str], object] = print,
    seconds: float | None = None,
    over: Callable[[], bool] = lambda: False,
) -> list[str]:
    """[control] Learns one knob after another while the patch plays, until an empty answer or the end of input.

    Each mapping is written to the patch file, and the watcher swaps it in. For one thread.

    ask       asks the user, such as `input`; tell: prints a message
    seconds   how long to wait for a knob to move
    over      returns whether to stop waiting for a knob; `Asking` checks it during a question
    returns   the names of the Controls that were written
    """
    nodes_files = list(nodes_files)
    own_file(patch_path)
    learned: list[str] = []
    activity = Activity()
    live.on_events(activity)
    try:
        while True:
            tell(TOUCHED)
            knob = _moved(live, activity, seconds, over)
            if knob is None:
                return learned
            mapping = _asked(live, read(patch_path, nodes_files=nodes_files), knob, ask, tell)
            if mapping is None:
                return learned
            try:
                learned.append(write_mapping(patch_path, mapping, nodes_files))
            except (GraphrunError, OSError) as error:
                tell(f"{error}\nThe file is unchanged.")
            else:
                tell(f"{patch_path}: '{learned[-1]}' now controls {mapping.path}")
    except EOFError:
        return learned
    finally:
        live.on_events.remove(activity)


class Asking:
    """[control] An `input` for `learn` that raises EOFError when playback is over.

    A context manager for the main thread, because only a signal can interrupt a read from the terminal. Without such
    signals, as on Windows, it waits for the answer.

    over   polled many times per second by a thread, which also calls `meanwhile`
    """

    def __init__(self, over: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
        self._over, self._meanwhile = over, meanwhile
        self._signal: int | None = getattr(signal, "SIGUSR1", None)
        self._waiting = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="graphrun asking", daemon=True)
        self._main = threading.get_ident()
        self._before: Any = None

    def __call__(self, question: str) -> str:
        self._waiting = True
        try:
            return input(question)
        except EOFError:
            print()  # the next message starts on a new line
            raise
        finally:
            self._waiting = False

    def __enter__(self) -> Asking:
        if self._signal is not None:
            self._before = signal.signal(self._signal, self._wake)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._meanwhile()
        if self._signal is not None:
            signal.signal(self._signal, self._before)

    def _wake(self, _: int, __: FrameType | None) -> None:
        if self._waiting:  # a later signal must not interrupt the writing of a file
            raise EOFError

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self._meanwhile()
            if self._waiting and self._signal is not None and self._over():
                signal.pthread_kill(self._main, self._signal)


def _moved(live: Live, activity: Activity, seconds: float | None, over: Callable[[], bool]) -> tuple[int, int] | None:
    """The controller and channel that the user moves; None if playback ends or the time limit passes."""
    activity.forget()
    deadline = None if seconds is None else time.monotonic() + seconds
    while not activity.turned:
        if not live.running or live.lost or over() or (deadline is not None and time.monotonic() > deadline):
            return None
        time.sleep(0.02)
    time.sleep(SETTLE)
    turned = dict(activity.turned)
    return max(turned, key=lambda knob: turned[knob])


def _asked(
    live: Live, patch: Patch, knob: tuple[int, int], ask: Ask, tell: Callable[[str], object]
) -> ControlMapping | None:
    """The input that the user assigns to this knob, or None."""
    controller, channel = knob
    with _completing(ask, learnable(patch)):
        while True:
            path = ask(f"Controller {controller}, channel {channel}. Input to control (NODE.PORT): ").strip()
            if not path:
                return None
            if knob_of(patch, path):
                return ControlMapping(path, controller, channel, 0.0, 1.0, 0.0)  # it already has a range
            try:
                port = checked(patch, path)
                break
            except GraphError as error:
                tell(str(error))
    now = _value(live, patch, path)
    low, high = _range(port, now)
    low, high = (_number(ask, tell, f"  {word}", value, port, path) for word, value in (("from", low), ("to", high)))
    curve = port.curve if low > 0.0 and high > 0.0 else "linear"
    return ControlMapping(path, controller, channel, low, high, now, curve)


def _number(ask: Ask, tell: Callable[[str], object], word: str, default: float, port: In, path: str) -> float:
    while True:
        text = ask(f"{word} [{number(default, port)}]: ").strip()
        if not text:
            return default
        try:
            value = constant(text, port, path)
        except (ExpressionError, GraphrunError) as error:
            tell(str(error))
            continue
        if port.allows(value):
            return value
        tell(f"{path} takes {port.range_text()}")


def _value(live: Live, patch: Patch, path: str) -> float:
    """The current value of an input: from the playing graph, or from the file if they differ."""
    try:
        return live[path]
    except GraphError:
        node, port = patch.graph.find(path)
        value = node.inputs.get(port.name, 0.0)
        return float(value) if isinstance(value, int | float) else 0.0


def _range(port: In, now: float) -> tuple[float, float]:
    """The port's range; if it is open-ended, a range around the value."""
    reach = 2.0 * abs(now) or 1.0
    low = port.min if port.min is not None else min(0.0, -reach if now < 0.0 else 0.0)
    high = port.max if port.max is not None else max(reach, low + 1.0)
    if port.curve == "log" and low < 0.0 < high:  # such as a rate that may be negative: give the knob three decades
        low = high / 1000.0
    return float(low), float(high)


@contextmanager
def _completing(ask: Ask, words: Sequence[str]) -> Iterator[None]:
    """Context in which the Tab key completes `words` in `input`, if the terminal supports it."""
    if not (ask is builtins.input or isinstance(ask, Asking)) or not sys.stdin.isatty():
        yield
        return
    try:
        import readline
    except ImportError:  # Windows
        yield
        return

    def complete(text: str, count: int) -> str | None:
        found = [word for word in words if word.startswith(text)]
        return found[count] if count < len(found) else None

    before: Any = readline.get_completer()
    delimiters = readline.get_completer_delims()
    readline.set_completer(complete)
    readline.set_completer_delims(" ")
    editline = "libedit" in (readline.__doc__ or "")  # as on macOS
    readline.parse_and_bind("bind ^I rl_complete" if editline else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before)
        readline.set_completer_delims(delimiters)
