"""The exceptions that users see; the command line prints the message and exits with status 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class GraphrunError(Exception):
    """Base of all errors in the user's patch, file, device or node."""


def in_words(error: Exception) -> str:
    """The text for an exception: our own messages as they are, others with their type."""
    return str(error) if isinstance(error, GraphrunError) else f"{type(error).__name__}: {error}"


class NodeError(GraphrunError):
    """A node is declared or called incorrectly."""


class SourceError(NodeError):
    """The Python source of nodes has mistakes; `problems` holds all of them in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted({*problems})
        super().__init__("\n".join(str(problem) for problem in self.problems))


class GraphError(GraphrunError):
    """The nodes form an invalid graph: a cycle, a width mismatch, or a cable of the wrong kind.

    node   the name of the node concerned, if any
    """

    def __init__(self, message: str, node: str = "") -> None:
        super().__init__(message)
        self.node = node


class KernelError(GraphrunError):
    """A kernel cannot be compiled, or does something that is forbidden on the audio thread.

    problems   the same with positions, where they are known
    """

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class MidiFileError(GraphrunError):
    """A file is not a readable Standard MIDI File."""


class AudioFileError(GraphrunError):
    """An audio file cannot be read or written."""


class DeviceError(GraphrunError):
    """An audio or MIDI device cannot be used."""


class NoDeviceError(DeviceError):
    """No audio device is present."""


WIDEST = 200
"""Maximum number of characters shown of a line."""


@dataclass(frozen=True, order=True)
class Problem:
    """One error in a patch with its position (line and column count from 1)."""

    file: str
    line: int
    column: int
    message: str
    source: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.message}"
        if self.source:
            first = max(0, self.column - 1 - WIDEST // 2) if len(self.source) > WIDEST else 0
            before, after = ("..." if first else ""), ("..." if len(self.source) > first + WIDEST else "")
            shown = before + self.source[first : first + WIDEST] + after
            text += f"\n    {shown}\n    {' ' * (self.column - 1 - first + len(before))}^"
        return text


def shown(filename: str) -> str:
    """A file name for messages: relative to the working directory where it lies inside."""
    try:
        return str(Path(filename).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return filename


def hidden_by(package: str) -> str:
    """A sentence with the user's file that hides `package` of this installation, or nothing.

    package   "nodes" or "patches", which lie beside `graph`
    """
    spec = find_spec(package)
    own = Path(__file__).parent.parent / package
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec else []
    if not places or any(Path(place).resolve().is_relative_to(own.resolve()) for place in places if place):
        return ""
    hiding = shown(places[0] or places[-1])
    return f" {hiding} hides graphrun's own '{package}': rename it"


class PatchError(GraphrunError):
    """A patch has errors; `problems` holds all of them in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


FORMER = {
    "Rim": "RimShot",
    "Source": "SourceText",
    "bits_float": "bits_to_float",
    "bright": "brightness",
    "chance": "probability",
    "damp": "damping",
    "designed": "cached_design",
    "float_bits": "float_to_bits",
    "helper": "inline",
    "signal": "audio",
}
"""Names of nodes, ports and functions that have changed, and what each is called now."""


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` Did you mean 'cutoff'?`, for a changed name ` It is now ...`, or "" if no known word is close."""
    if FORMER.get(word) in known:
        return f" It is now '{FORMER[word]}'."
    near = nearest(word, known)
    return f" Did you mean '{near}'?" if near else ""


def nearest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """The closest known word, or "" if none is close."""
    from difflib import get_close_matches  # only a mistake needs it

    folded = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), list(folded), n=1, cutoff=cutoff) or _beginnings(word.lower(), folded)
    return folded[near[0]] if near else ""


def _beginnings(word: str, known: Iterable[str]) -> list[str]:
    """`saw` for `sawtooth`: known words that are a prefix of `word` or begin with it, longest first."""
    near = [
        name for name in known if min(len(name), len(word)) >= 3 and (word.startswith(name) or name.startswith(word))
    ]
    return sorted(near, key=len, reverse=True)


def several(count: int, word: str) -> str:
    """`1 voice`, `2 voices`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


class Renamed:
    """Base of a class with public names that have changed: an old name raises AttributeError with the new one.

    renamed   old names, and the new name of each
    """

    renamed: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattr__(self, name: str) -> Any:
            if name in type(self).renamed:
                raise AttributeError(f"'{name}' of {type(self).__name__} is now '{type(self).renamed[name]}'")
            return object.__getattribute__(self, name)


def renamed_words(**renamed: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates a function with keywords that have changed: an old one raises TypeError with the new one."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **words: P.kwargs) -> R:
            for old, new in renamed.items():
                if old in words:
                    called = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]
                    raise TypeError(f"{called}() takes {new}= in place of {old}=")
            return function(*args, **words)

        return call

    return decorate
