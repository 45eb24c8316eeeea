"""A terminal for tests: a process in a pseudo-terminal, and the screen it would show."""

from __future__ import annotations

import codecs
import os
import re
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

from conftest import ROOT

_TOKEN = re.compile(r"\x1b\[(\??[0-9;<>=]*)([A-Za-z])|([^\x1b])", re.S)


class Screen:
    """The screen as lines; lines that exceed the width are recorded in `wrapped`."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [[" "] * width for _ in range(height)]
        self.row = self.column = 0
        self.wrapped: list[str] = []
        self.alternate = False
        self._rest = ""

    def write(self, text: str) -> None:
        text, self._rest = self._rest + text, ""
        begun = re.search(r"\x1b(\[[?0-9;<>=]*)?$", text)
        if begun:
            text, self._rest = text[: begun.start()], begun[0]
        for parameters, final, letter in _TOKEN.findall(text):
            if letter in ("\r", "\n"):
                self.column = 0 if letter == "\r" else self.column
            elif letter and (self.column >= self.width or self.row >= self.height):
                self.wrapped.append(letter)
            elif letter:
                self.rows[self.row][self.column] = letter
                self.column += 1
            elif final == "H":
                row, column = (int(part) for part in parameters.split(";"))
                self.row, self.column = row - 1, column - 1
            elif final == "K" and self.row < self.height:
                self.rows[self.row][self.column :] = [" "] * (self.width - self.column)
            elif final == "J" and parameters == "2":
                self.rows = [[" "] * self.width for _ in range(self.height)]
            elif final in "hl" and parameters == "?1049":
                self.alternate = final == "h"

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self.rows)


class Terminal:
    """A process whose terminal is this object."""

    def __init__(self, code: str, folder: Path, width: int = 80, height: int = 24) -> None:
        self.master, slave = os.openpty()
        self.width, self.height = width, height
        self.slave = slave
        self.resize(width, height)
        begin = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", begin + code],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
            start_new_session=True,
        )
        self.screen = Screen(width, height)
        self.raw = ""
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    def resize(self, width: int, height: int) -> None:
        import fcntl
        import termios

        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen = Screen(width, height)

    def attributes(self) -> list[object]:
        import termios

        return termios.tcgetattr(self.slave)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def until(self, word: str, seconds: float = 60.0) -> str:
        """Reads until `word` appears on the screen or anywhere in the output."""
        deadline = time.monotonic() + seconds
        while word not in self.screen.text and word not in self.raw:
            if time.monotonic() > deadline:
                raise AssertionError(f"no {word!r} on the screen:\n{self.screen.text}\n{self.raw[-2000:]!r}")
            self.read(0.1)
        return self.screen.text

    def read(self, seconds: float) -> None:
        if select.select([self.master], [], [], seconds)[0]:
            try:
                data = self._decode(os.read(self.master, 65536))
            except OSError:
                data = ""
            self.raw += data
            self.screen.write(data)

    def end(self, seconds: float = 30.0) -> int:
        """Reads output until the process exits; returns its status."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        self.read(0.2)
        self.process.kill()
        return self.process.wait()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
