"""Decodes terminal input to keys: letters, arrows, and key releases where the terminal reports them.

Most terminals report only presses and repeats. Those that support the kitty keyboard protocol (kitty, foot,
WezTerm, Ghostty, Alacritty, iTerm2, ...) also report releases, and a key's position on a US layout regardless of
its label.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

PRESS, REPEAT, RELEASE = 1, 2, 3

ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "P": "f1"}
SIGNS = "-+="
"""Keys that are meant by their sign; all others by their place on a US keyboard."""
PAGES = {5: "page-up", 6: "page-down"}
CONTROLS = {9: "tab", 10: "enter", 13: "enter", 8: "backspace", 127: "backspace", 27: "escape"}
_SEQUENCE = re.compile(r"\x1b(?:\[([0-9:;<=>?]*)[ -/]*([@-~])|O([A-Z])|(\[[0-9:;<=>?]*|O)?$|([^\[O\x1b]))")
_CTRL, _LOCKS = 4, 64 | 128
_SHIFT = 1


class Key(NamedTuple):
    """`name` is a character, or a word such as `left`, `enter`, `ctrl-r`; `kind` PRESS, REPEAT or RELEASE.

    The mouse gives `click`, `wheel-up`, `wheel-down`, and `fine-up`, `fine-down` with the control key, at a column and
    a row that count from 0.
    """

    name: str
    kind: int = PRESS
    column: int = 0
    row: int = 0


class KeyReader:
    """[control] Decodes a terminal's bytes to keys; a sequence may arrive in pieces.

    releases   whether the terminal reports key releases
    """

    def __init__(self) -> None:
        self.releases = False
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._pasting = False

    @property
    def waiting(self) -> bool:
        """Whether the last sequence is incomplete, or was the escape key."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[Key]:
        """The keys in these bytes."""
        text, self._rest = self._rest + self._decode(data), ""
        found: list[Key] = []
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                found += self._kept(self._plain(text[at]))
                at += 1
                continue
            match = _SEQUENCE.match(text, at)
            if match is None:  # an escape followed by another
                found += self._kept(Key("escape"))
                at += 1
                continue
            if match[4] is not None or match.end() == at + 1:
                self._rest = text[at:][-64:]
                break
            if match[2]:
                found += self._kept(self._sequence(match[1], match[2]))
            elif match[3]:
                found += self._kept(Key(ARROWS[match[3]]) if match[3] in ARROWS else None)
            at = match.end() + (3 if match[0] == "\x1b[M" else 0)  # a mouse report of terminals before SGR
        return found

    def _kept(self, key: Key | None) -> list[Key]:
        """Drops pasted text, which must not play notes."""
        return [] if key is None or self._pasting else [key]

    def flush(self) -> list[Key]:
        """Resolves an incomplete sequence after a timeout: it was the escape key."""
        rest, self._rest = self._rest, ""
        return [Key("escape")] if rest == "\x1b" else []

    def _plain(self, letter: str) -> Key:
        code = ord(letter)
        if code in CONTROLS:
            return Key(CONTROLS[code])
        return Key(f"ctrl-{chr(code + 96)}" if code < 27 else letter)

    def _sequence(self, parameters: str, final: str) -> Key | None:
        if parameters.startswith("?"):
            self.releases |= final == "u" and parameters[1:].isdigit() and bool(int(parameters[1:]) & 2)
            return None
        if parameters.startswith("<"):
            return _mouse(parameters[1:], final)
        fields = [field.split(":") for field in parameters.split(";")]
        numbers = [[int(part) if part.isdigit() else 0 for part in field] for field in fields]
        if final == "~" and numbers[0][0] in (200, 201):
            self._pasting = numbers[0][0] == 200
            return None
        state = numbers[1] if len(numbers) > 1 else [1]
        modifiers = max(0, state[0] - 1) & ~_LOCKS
        kind = state[1] if len(state) > 1 and state[1] in (REPEAT, RELEASE) else PRESS
        if final == "~":
            return Key(PAGES[numbers[0][0]], kind) if numbers[0][0] in PAGES else None
        if final in ARROWS:
            return Key(ARROWS[final], kind)
        code = numbers[0][2] if len(numbers[0]) > 2 and numbers[0][2] else numbers[0][0]
        if final != "u" or not 0 < code < 0x110000 or 0xE000 <= code < 0xF900 or 0xD800 <= code < 0xE000:
            return None
        if numbers[0][0] in CONTROLS:
            return Key(CONTROLS[numbers[0][0]], kind)
        if modifiers & _CTRL:
            return Key(f"ctrl-{chr(numbers[0][0])}", kind)
        letter = chr(code)
        if not letter.isalnum():  # what stands on the key, where its place plays no note
            shifted = numbers[0][1] if modifiers & _SHIFT and len(numbers[0]) > 1 else 0
            letter = next((sign for sign in map(chr, (shifted, numbers[0][0])) if sign in SIGNS), letter)
        return None if modifiers & ~_SHIFT else Key(letter, kind)


_MOUSE_WHEEL, _MOUSE_CTRL, _MOUSE_MOVED = 64, 16, 32


def _mouse(parameters: str, final: str) -> Key | None:
    """A mouse report of the SGR protocol (1006): `BUTTON;COLUMN;ROW`, and `M` where a button goes down."""
    fields = parameters.split(";")
    if len(fields) != 3 or not all(field.isdigit() and len(field) < 6 for field in fields) or final != "M":
        return None
    button, column, row = map(int, fields)
    place = max(0, column - 1), max(0, row - 1)
    if button & _MOUSE_MOVED:
        return None
    if button & _MOUSE_WHEEL:
        way = ("up", "down")[button & 1]
        return Key(f"{'fine' if button & _MOUSE_CTRL else 'wheel'}-{way}", PRESS, *place) if not button & 2 else None
    return Key("click", PRESS, *place) if not button & 3 else None
