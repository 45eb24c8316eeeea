"""Answers commands in the style of other programs, such as `graphrun play neon`, with the command to type."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graph.errors import GraphrunError, nearest
from graph.patch.bundle import INSTEAD, bundled, bundled_names, exists

PLAY = ("play", "run", "start", "open")
RENDER = ("render", "export", "bounce", "save")
LIST = ("list", "ls", "patch")


def meant(words: Sequence[str], commands: Sequence[str]) -> str:
    """A message with the intended command; empty if `words` may be correct."""
    first = words[0]
    if exists(Path(first)) or bundled(first):
        return _after_a_patch(words)
    patch = words[1] if len(words) > 1 and not words[1].startswith("-") else "PATCH"
    if first in PLAY:
        return f"to play a patch, type `graphrun {' '.join([patch, *words[2:]])}`"
    if first in RENDER:
        return f"to render a patch, type `graphrun {patch} --out {Path(patch).stem.lower()}.wav`"
    if first in LIST:
        return "to list the bundled patches, type `graphrun patches`"
    if first == "version":
        return "to see the version, type `graphrun --version`"
    near = nearest(first, [*commands, *bundled_names()], cutoff=0.7) if first.isalpha() else ""
    return f"there is no command '{first}'. Did you mean `graphrun {near}`?" if near in commands else ""


def _after_a_patch(words: Sequence[str]) -> str:
    """The command intended by a word after a patch that is not an option."""
    patch, second = words[0], words[1] if len(words) > 1 else ""
    suffix = Path(second).suffix.lower()
    if suffix in (".mid", ".midi"):
        return f"to play a MIDI file through a patch, type `graphrun {patch} --midi {second}`"
    if suffix in INSTEAD:  # an audio file, of a format that can be written or not
        from graph.media.formats import FORMATS

        second = second if suffix in FORMATS else f"{Path(second).stem}.wav"
        return f"to render to a file, type `graphrun {patch} --out {second}`"
    tempo = next((word for word in words if word.partition("=")[0] in ("--bpm", "--tempo")), "")
    if not tempo:
        return ""
    at = words.index(tempo)
    number = tempo.partition("=")[2] or (words[at + 1] if at + 1 < len(words) else "120")
    clock = _clock_of(patch)
    if not clock:
        return f"{tempo.partition('=')[0]}: {patch} has no Transport, so its tempo cannot be set"
    return f"to set the tempo, type `graphrun {patch} --set {clock}.tempo={number.removesuffix('bpm')}bpm`"


def _clock_of(patch: str) -> str:
    """Name of the first node of a patch with a tempo, or an empty string."""
    from graph.patch.patch import read

    try:
        nodes = read(patch).graph.nodes
    except GraphrunError:
        return "beat"
    return next((name for name, node in nodes.items() if type(node).__name__ in ("Transport", "Link")), "")
