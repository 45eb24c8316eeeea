"""A line of the terminal view in which a name is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from graph.view.key_codes import RELEASE, Key

LONGEST = 40


class Prompt:
    """[control] Asks for a name: enter takes it, escape asks no more. Used by one thread, the one that reads keys.

    question  what is asked; take: gets the name
    known     names that exist; the first one offered is none of them
    """

    def __init__(self, question: str, take: Callable[[str], object], known: Sequence[str]) -> None:
        self._question, self._take = question, take
        self.offered = next(name for number in count(1) if (name := f"take_{number}") not in known)
        self.typed = ""

    @property
    def text(self) -> str:
        """The line to show."""
        return f"{self._question}: {self.typed or self.offered}_   (enter stores, esc cancels)"

    def after(self, key: Key) -> Prompt | None:
        """What is asked after a key: this, or nothing any more."""
        if key.kind == RELEASE:
            return self
        if key.name == "escape":
            return None
        if key.name == "enter":
            self._take(self.typed or self.offered)
            return None
        if key.name == "backspace":
            self.typed = self.typed[:-1]
        elif len(key.name) == 1 and (key.name.isalnum() or key.name in "-_"):
            self.typed = (self.typed + key.name)[:LONGEST]
        return self
