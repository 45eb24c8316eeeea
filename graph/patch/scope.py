"""The names in a patch: those an expression may use, and those a node may have."""

from __future__ import annotations

from collections.abc import Callable

from graph.errors import did_you_mean
from graph.language.units import UNITS, note_number
from graph.node.node import Cable, Node
from graph.node.ports import Port
from graph.node.values import ScopeError

WORDS = ("node", "patch", "true", "false", "null")
"""Reserved words, which cannot be node names."""


class Names:
    """The nodes of a patch by name; None for a node with an error.

    inputs    the patch's own inputs, if it is a node of another
    refused   invalid node names; expressions that use one are skipped, because the error is already
              recorded
    unknown   whether the patch's nodes could not be read at all
    """

    def __init__(self) -> None:
        self.named: dict[str, Node | None] = {}
        self.inputs: dict[str, Cable] = {}
        self.refused: list[str] = []
        self.unknown = False

    def cable(self, path: str) -> Cable | None:
        """The cable `name` or `name.port`; None for a node with an error; ScopeError if it does not exist."""
        name, _, port = path.partition(".")
        if path in self.inputs:
            return self.inputs[path]
        if name in self.inputs:
            raise ScopeError(f"'{name}' is an input of this patch and has no outputs: write just `{name}`")
        if name not in self.named and self.unknown:
            return None
        if name not in self.named:
            hint = did_you_mean(name, self.near(name)) or _note_hint(name)
            raise ScopeError(f"there is no node '{name}'.{hint}".rstrip("."))
        node = self.named[name]
        if node is None:
            return None
        inside: Callable[[str], Cable | None] | None = getattr(node, "inside", None)
        if inside is not None:
            return inside(port)
        if port and not isinstance(node.fields.get(port), Port):
            known = [word for word, each in node.fields.items() if isinstance(each, Port)]
            hint = did_you_mean(port, known) or f" Its outputs are {', '.join(node.outs())}"
            raise ScopeError(f"{name} ({type(node).__name__}) has no output '{port}'.{hint}")
        return node.cable(port or None)

    def near(self, name: str) -> list[str]:
        """Candidates for a misspelled `name`, few enough to compare at once."""
        names = [*self.named, *self.inputs]
        return names if len(names) <= 500 else [each for each in names if each[:1] == name[:1]][:500]

    def known(self, path: str) -> bool:
        """Whether a node of that name exists."""
        name = path.partition(".")[0]
        return name in self.named or name in self.inputs


def bad_name(name: str) -> str:
    """Why `name` is not a valid node name, or "" if it is valid."""
    if not name.isidentifier():
        better = "".join(letter if f"_{letter}".isidentifier() else "_" for letter in name.strip())
        better = f"_{better}" if better[:1].isdigit() else better
        hint = f", such as '{better}'" if better.isidentifier() and len(better) <= 40 else ""
        shown = name if len(name) <= 40 else name[:40] + "..."
        return f"'{shown}' is not a valid node name: use letters, digits and _{hint}"
    if note_number(name) is not None:
        return f"'{name}' is a note: choose another name, such as '{name.lower()}_'"
    if name in UNITS:
        return f"'{name}' is a unit: choose another name, such as '{name}_'"
    if name in WORDS:
        return f"'{name}' is a reserved word: choose another name, such as '{name}_'"
    return ""


def _note_hint(name: str) -> str:
    note = name[:1].upper() + name[1:]
    return f" Write notes with a capital letter: `{note}`" if note_number(note) is not None else ""
