"""`graphrun patches`: the bundled patches with description, inputs and presets."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from graph.cli.parser import Parser
from graph.model.net import Net
from graph.patch.bundle import bundled, bundled_names
from graph.patch.patch import read

WIDTH = 78


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun patches",
        description="List the bundled patches with description, inputs and presets.",
    )
    made.add_argument("--json", action="store_true", help="print a JSON report")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun patches` with its arguments."""
    options = parser().parse_args(words)
    found = [describe(name) for name in bundled_names()]
    print(json.dumps(found, indent=2) if options.json else "\n".join(map(_lines, found)))
    return 0


def describe(name: str) -> dict[str, Any]:
    """Name, description, inputs (`midi`, `audio`) and presets of a bundled patch."""
    file = bundled(name)
    assert file is not None
    patch = read(name)
    return {
        "patch": name,
        "about": _sentence(file.read_text(encoding="utf-8")),
        "hears": hears(patch.graph),
        "presets": list(patch.presets),
    }


def hears(graph: Net) -> list[str]:
    """The external inputs of a patch: "midi", "audio", both or none."""
    kinds = {type(node).__name__ for node in graph.nodes.values()}
    return [word for word, node in (("midi", "MidiIn"), ("audio", "AudioIn")) if node in kinds]


def _sentence(text: str) -> str:
    """First sentence of the comment at the top of a patch, after the commands."""
    comment = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words = line.lstrip("# ").rstrip()
        if words and not words.startswith(("graphrun", "yaml-language-server")):
            comment.append(words)
    sentence, stop, _ = " ".join(comment).partition(". ")
    return sentence + ("." if stop and not sentence.endswith(".") else "")


def _lines(found: dict[str, Any]) -> str:
    more = []
    if found["hears"]:
        inputs = {"midi": "MIDI", "audio": "audio"}
        more.append(f"input: {' and '.join(inputs[word] for word in found['hears'])}")
    if found["presets"]:
        more.append(f"presets: {', '.join(found['presets'])}")
    text = " ".join([found["about"], *([f"[{'; '.join(more)}]"] if more else [])])
    return "\n".join(wrap(f"{found['patch']:17} {text}", WIDTH, subsequent_indent=" " * 18))
