"""Finds node classes by name: the framework's, those of node packages, those of a user's file.

A patch imports only the files of its own nodes; all other names come from directory listings. Nothing registers
itself.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any
from zlib import crc32

from graph.errors import GraphrunError, NodeError, Problem, SourceError, did_you_mean, hidden_by
from graph.node import arithmetic
from graph.node.lint.declarations import no_process
from graph.node.lint.mistakes import collecting, mistakes
from graph.node.node import Node, snake_case
from graph.node.ports import In, Option, Out, Source, State

BUILT_IN = "nodes"
"""Package searched before the entry points, because reading those takes longer than reading a patch."""

GROUP = "graphrun.nodes"
"""Entry-point group of node packages."""


LONGEST_NAME = 100
"""Longest node class name; file systems reject much longer names."""

OTHER_NAMES = {
    "Adsr": "env adsr eg envelopegenerator",
    "Arpeggio": "arp arpeggiator",
    "AudioIn": "mic microphone input linein adc",
    "BandPass": "bpf",
    "BitCrush": "bitcrusher crusher decimator",
    "Delay": "echo",
    "DrumKit": "drum drums",
    "Gain": "vca amp amplifier volume",
    "HighPass": "hpf",
    "Lfo": "lfo",
    "LowPass": "lpf vcf filter",
    "Pulse": "square squarewave rectangle",
    "Reverb": "verb",
    "Saturation": "overdrive",
    "Saw": "osc vco oscillator",
    "Slew": "glide portamento lag",
    "Steps": "sequencer seq",
    "Transport": "clock metronome tempo bpm master",
}
"""Built-in nodes by their names in other instruments and programs."""

ADVICE = dict.fromkeys(
    ("out", "output", "dac", "speaker", "speakers", "audioout"),
    "Set the output with the patch's `out:`, such as out: amp",
)
ADVICE["synth"] = "A VoiceAllocator plays an oscillator, such as Saw; `graphrun nodes VoiceAllocator` shows how"
"""Advice for names that do not correspond to a single node."""


def _elsewhere(name: str) -> str:
    """Hint for a name used by other programs, or an empty string."""
    word = name.lower().replace("_", "")
    if word in ADVICE:
        return f" {ADVICE[word]}"
    known = next((own for own, others in OTHER_NAMES.items() if word in others.split()), "")
    return f" Did you mean '{known}'?" if known else ""


class Library:
    """Node classes available to a patch: those of `files` first, then all installed ones."""

    def __init__(self, files: Iterable[str | Path] = ()) -> None:
        self.own: dict[str, type[Node]] = {}
        for file in files:
            self.own |= load_nodes_file(file)
        self._found: dict[str, type[Node] | None] = {}
        self._names: list[str] = []

    def find(self, name: str) -> type[Node]:
        """The node class `name`; NodeError with the nearest name if there is none."""
        if name not in self._found:
            found = self.own.get(name) or _of_framework(name) or _of_package(BUILT_IN, name)
            if found is None and name.isidentifier():
                found = next((cls for package in _packages() if (cls := _of_package(package, name))), None)
            self._found[name] = found
        known = self._found[name]
        if known is None:
            hint = (
                hidden_by(BUILT_IN)
                or _elsewhere(name)
                or did_you_mean(name, self.names())
                or " `graphrun nodes` lists them"
            )
            raise NodeError(f"there is no node class '{name}'.{hint}")
        return known

    def names(self) -> list[str]:
        """Names of all node classes, without importing them."""
        if not self._names:
            names = {*self.own, *arithmetic.__all__}
            for package in [BUILT_IN, *_packages()]:
                names.update(_listed(package))
            self._names = sorted(names)
        return self._names

    def all_nodes(self) -> dict[str, type[Node]]:
        """Every node class by its name, imported."""
        return {name: self.find(name) for name in self.names()}


def find(name: str) -> type[Node]:
    """The installed node class `name`; NodeError with the nearest name if there is none."""
    return Library().find(name)


def all_nodes() -> dict[str, type[Node]]:
    """Every installed node class by its name."""
    return Library().all_nodes()


def load_nodes_file(path: str | Path) -> dict[str, type[Node]]:
    """Node classes of a Python file; a GraphrunError gives the line if it cannot be loaded.

    A SourceError holds all mistakes of all its classes.
    """
    file = Path(path)
    if not file.is_file():
        raise GraphrunError(f"{path}: node file not found")
    absolute = str(file.resolve())
    with collecting() as problems:
        module = _module(absolute, str(path))
    found = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Node) and value.__module__ == module.__name__
    }
    playable = {name: cls for name, cls in found.items() if "kernel" in vars(cls)}
    for name, cls in found.items():
        problems += mistakes(cls) if name in playable else [] if problems else no_process(cls)
    if problems:
        sys.modules.pop(module.__name__, None)
        raise SourceError(problems)
    if not playable:
        raise GraphrunError(f"{path}: no node class in this file; derive one from graph.Node: `class Mine(Node):`")
    return playable


def _module(absolute: str, shown: str) -> Any:
    from graph.native.worker import load_module

    name = f"graphrun_nodes_{Path(absolute).stem}"
    taken = sys.modules.get(name)
    if taken is not None and getattr(taken, "__file__", None) != absolute:
        name += f"_{crc32(absolute.encode()):08x}"
    try:
        return load_module(name, absolute)
    except SyntaxError as error:
        sys.modules.pop(name, None)
        place = (error.lineno or 1, error.offset or 1)
        raise SourceError([Problem(shown, *place, str(error.msg), (error.text or "").rstrip())]) from None
    except Exception as error:  # a user's file may raise anything; the message names its own line
        sys.modules.pop(name, None)
        cause = error.__cause__  # Python before 3.12 wraps an error in a declaration
        reason = cause if isinstance(cause, GraphrunError) else error
        kind = "" if isinstance(reason, GraphrunError) else f"{type(reason).__name__}: "
        text = _moved(error) or f"{kind}{reason}{_word_meant(error)}"
        line = _line_in(absolute, error)
        source = linecache.getline(absolute, line).rstrip()
        column = len(source) - len(source.lstrip()) + 1
        raise SourceError([Problem(shown, line, column, text, source)]) from error


def _word_meant(error: Exception) -> str:
    """For `In(0.5, minimum=0)`: the keyword that was meant."""
    found = re.search(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", str(error))
    known = {cls.__name__: cls for cls in (In, Out, Option, State, Source)}.get(found[1]) if found else None
    return f".{did_you_mean(found[2], list(signature(known).parameters))}" if found and known else ""


def _line_in(file: str, error: Exception) -> int:
    """Line of `file` that raised `error`."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == file), 1)


def _moved(error: Exception) -> str:
    """New location of a `graph` module that `error` reports missing, or an empty string."""
    if not isinstance(error, ImportError):
        return ""
    from graph.node.moved import where_now

    return where_now(error)


def _of_framework(name: str) -> type[Node] | None:
    return _node(arithmetic, name) if name in arithmetic.__all__ else None


def _of_package(package: str, name: str) -> type[Node] | None:
    """Class `name` from the package's file of that name, which is imported."""
    stem = snake_case(name)
    if not name.isidentifier() or len(name) > LONGEST_NAME:
        return None
    file = next((path for folder in _folders(package) if (path := folder / f"{stem}.py").is_file()), None)
    if file is None:
        return None
    try:
        return _node(import_module(f"{package}.{stem}"), name)
    except ImportError as error:
        text = _moved(error)
        if not text:
            raise
        raise GraphrunError(f"{file}:{_line_in(str(file), error)}: {text}") from error


def _node(module: Any, name: str) -> type[Node] | None:
    found = getattr(module, name, None)
    return found if isinstance(found, type) and issubclass(found, Node) else None


def _listed(package: str) -> list[str]:
    """Class names implied by a package's file names."""
    stems = [file.stem for folder in _folders(package) for file in folder.glob("*.py")]
    return ["".join(word[:1].upper() + word[1:] for word in stem.split("_")) for stem in stems if stem[0] != "_"]


def _folders(package: str) -> list[Path]:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


@cache
def node_packages() -> tuple[str, ...]:
    """Packages whose modules are nodes."""
    return (BUILT_IN, *_packages())


def _packages() -> list[str]:
    """Packages of the entry points, without the built-in one."""
    from importlib.metadata import entry_points

    return sorted({entry.value for entry in entry_points(group=GROUP)} - {BUILT_IN})
