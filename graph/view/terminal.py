"""A terminal as screen and keyboard: draws whole lines, reads single keys, and restores everything at the end."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, TextIO

from graph.view.key_codes import PRESS, RELEASE, REPEAT, Key, KeyReader

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[?1000h\x1b[?1006h"
"""Alternate screen, no cursor, no line wrap, bracketed paste, mouse buttons and wheel. Shift selects text as ever."""
LEAVE = "\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"
RELEASES, NO_RELEASES = "\x1b[>15u\x1b[?u", "\x1b[<u"
"""Requests the kitty keyboard protocol; terminals without it ignore the request."""
ESCAPE = 0.05
"""Seconds after which an escape byte is the escape key, not the start of a sequence."""
REPAINT = 2.0
"""Seconds between full redraws, which repair anything other code wrote to the screen."""
WINDOWS_KEYS = {"K": "left", "M": "right", "H": "up", "P": "down", ";": "f1"}


def fit_for_a_view(out: TextIO) -> bool:
    """Whether `out` is a terminal that can show a screen and belongs to the foreground process group."""
    if not out.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        return _windows_colors()
    try:
        return os.tcgetpgrp(out.fileno()) == os.getpgrp()  # a background job would be stopped
    except OSError:
        return False


class Terminal:
    """[control] Use it in a `with` statement: on any exit (Ctrl-C, Ctrl-Z, an error) the terminal is restored.

    If stdin is not a terminal (a pipe), there are no keys. For one thread; signals are handled if it is the main
    thread.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.reader = KeyReader()
        self._drawn: list[str] = []
        self._size = (0, 0)
        self._painted = 0.0
        self._inside = False
        self._saved: Any = None
        self._handlers: dict[int, Any] = {}
        self._down: dict[int, Key] = {}
        self._typed = sys.stdin is not None and sys.stdin.isatty()

    def __enter__(self) -> Terminal:
        if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
            for number, handler in ((signal.SIGTSTP, self._stopped), (signal.SIGCONT, self._continued)):
                self._handlers[number] = signal.signal(number, handler)
        self._enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def releases(self) -> bool:
        """Whether the terminal reports key releases."""
        return self.reader.releases or sys.platform == "win32"

    def _enter(self) -> None:
        ask = ""
        if self._typed and sys.platform != "win32":
            import termios
            import tty

            self._saved = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
            ask = "" if os.environ.get("TERM") == "linux" else RELEASES
        elif self._typed:
            self._saved = _windows_input(None)
        self._write(ENTER + ask)
        self._size = (0, 0)
        self._inside = True

    def _leave(self) -> None:
        self._inside = False
        with suppress(OSError, ValueError):  # the terminal may have closed
            self._write((NO_RELEASES if self._saved is not None and sys.platform != "win32" else "") + LEAVE)
        if self._saved is not None and sys.platform != "win32":
            import termios

            with suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._saved)
        elif self._saved is not None:
            _windows_input(self._saved)
        self._saved = None

    def _stopped(self, number: int, _: FrameType | None) -> None:
        """Ctrl-Z: restores the terminal for the shell. Ignored without a job-control shell."""
        if sys.platform != "win32":
            self._leave()
            signal.signal(number, signal.SIG_DFL)
            signal.pthread_kill(threading.get_ident(), number)
            signal.signal(number, self._stopped)
            self._enter()

    def _continued(self, _: int, __: FrameType | None) -> None:
        """Redraws on SIGCONT; `kill -STOP` gives no warning, and the shell may have changed the terminal."""
        if self._inside:
            self._leave()
            self._enter()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            width, height = os.get_terminal_size(self.out.fileno())
        except (OSError, ValueError):
            width, height = shutil.get_terminal_size()
        return width or 80, height or 24

    def draw(self, lines: Sequence[str]) -> None:
        """Shows `lines`, cut to the screen height; sends only changed lines."""
        now, size = time.monotonic(), self.size
        if size != self._size or now - self._painted > REPAINT:
            clear = "\x1b[2J" if size != self._size else ""
            self._drawn, self._size, self._painted = [], size, now
        else:
            clear = ""
        lines = list(lines[: size[1]])
        before = self._drawn or [""] * len(lines)
        changed = [
            f"\x1b[{row};1H{line}\x1b[0m\x1b[K"
            for row, line in enumerate(lines, start=1)
            if not self._drawn or row > len(before) or line != before[row - 1]
        ]
        if len(before) > len(lines):
            changed.append(f"\x1b[{len(lines) + 1};1H\x1b[J")
        if changed or clear:
            self._write("\x1b[?2026h" + clear + "".join(changed) + "\x1b[?2026l")  # synchronized update
        self._drawn = lines

    def _write(self, text: str) -> None:
        encoding = self.out.encoding or "utf-8"
        self.out.write(text.encode(encoding, "replace").decode(encoding))
        self.out.flush()

    def keys(self, timeout: float) -> list[Key]:
        """The keys of the next `timeout` seconds; returns early if there are any."""
        if not self._typed:
            time.sleep(timeout)
            return []
        keys = self._windows(timeout) if sys.platform == "win32" else self._posix(timeout)
        for key in keys:
            if key.kind != RELEASE and key.name in ("ctrl-c", "ctrl-z"):  # the kitty protocol sends these as keys
                if key.name == "ctrl-c":
                    raise KeyboardInterrupt
                if sys.platform != "win32":
                    signal.raise_signal(signal.SIGTSTP)
        return keys

    def _posix(self, timeout: float) -> list[Key]:
        import select

        if self.reader.waiting:
            timeout = min(timeout, ESCAPE)
        file = sys.stdin.fileno()
        if not select.select([file], [], [], timeout)[0]:
            return self.reader.flush()
        try:
            data = os.read(file, 4096)
        except OSError:
            data = b""
        if not data:  # end of input: the terminal hung up
            self._typed = False
        return self.reader.feed(data)

    def _windows(self, timeout: float) -> list[Key]:
        if sys.platform != "win32":
            return []
        import ctypes
        import msvcrt

        user = ctypes.WinDLL("user32")
        deadline, found = time.monotonic() + timeout, list[Key]()
        typed = time.monotonic()
        while not found:
            while msvcrt.kbhit():
                letter = msvcrt.getwch()
                if letter in "\x00\xe0":
                    name = WINDOWS_KEYS.get(msvcrt.getwch())
                    found += [Key(name)] if name else []
                    continue
                code = user.VkKeyScanW(ord(letter)) & 0xFF
                key = self.reader.feed(letter.encode("utf-8", "replace"))
                typed = time.monotonic()
                found += [each._replace(kind=REPEAT if code in self._down else PRESS) for each in key]
                if code != 0xFF and key and len(key[0].name) == 1:  # the end of a sequence is no key that is held
                    self._down[code] = key[0]
            for code in [code for code in self._down if not user.GetAsyncKeyState(code) & 0x8000]:
                found.append(Key(self._down.pop(code).name, RELEASE))
            if self.reader.waiting and time.monotonic() - typed > ESCAPE:
                found += self.reader.flush()
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if not found:
                time.sleep(min(left, 0.005))
        return found


def _windows_input(mode: int | None) -> int | None:
    """Has a Windows console send keys and the mouse as escape sequences, or sets `mode`; returns the mode before."""
    if sys.platform != "win32":
        return None
    import ctypes

    kernel = ctypes.WinDLL("kernel32")
    handle, before = kernel.GetStdHandle(-10), ctypes.c_uint32()
    if not kernel.GetConsoleMode(handle, ctypes.byref(before)):
        return None
    quick_edit, extended, sequences = 0x40, 0x80, 0x200
    kernel.SetConsoleMode(handle, before.value & ~quick_edit | extended | sequences if mode is None else mode)
    return int(before.value)


def _windows_colors() -> bool:
    """Enables escape sequences in a Windows console; returns whether it worked."""
    if sys.platform != "win32":
        return True
    import ctypes

    kernel = ctypes.WinDLL("kernel32")
    handle, mode = kernel.GetStdHandle(-11), ctypes.c_uint32()
    return bool(kernel.GetConsoleMode(handle, ctypes.byref(mode)) and kernel.SetConsoleMode(handle, mode.value | 4))
