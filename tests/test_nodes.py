"""The contract suite over every node there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from graph import Node
from graph.node.library import all_nodes
from graph.testing import node_contract

NEEDS: dict[str, dict[str, Any]] = {
    "Notes": {"notes": "C4 . [E4 G4] - C5:0.3"},
    "Pattern": {"drums": "kick: x..X x7.. snare: ..f. (xo)..d", "fill": "rock", "fill_every": 2},
}
"""Options without which a node has nothing to do."""

INTERNAL = {"MultiplyAdd", "Spread"}
"""Put in by the plan, which sets its widths; not for patches."""

NODES = {name: cls for name, cls in all_nodes().items() if name not in INTERNAL}


@pytest.mark.parametrize("name", sorted(NODES))
def test_the_node_keeps_the_contract(name: str, tmp_path: Path) -> None:
    needs = dict(NEEDS.get(name, {}))
    if name in FILES:
        needs["file"] = str(FILES[name](tmp_path))
    node_contract(NODES[name], **needs)


@pytest.mark.parametrize("rate", [8_000.0, 192_000.0])
@pytest.mark.parametrize("name", sorted(NODES))
def test_the_node_keeps_the_contract_at_the_slowest_and_the_fastest_rate(
    name: str, rate: float, tmp_path: Path
) -> None:
    needs = dict(NEEDS.get(name, {}))
    if name in FILES:
        needs["file"] = str(FILES[name](tmp_path))
    node_contract(NODES[name], sample_rate=rate, **needs)


def test_every_node_has_a_file_of_its_name_and_a_test() -> None:
    from graph.node.node import snake_case

    for name, cls in NODES.items():
        if cls.__module__.startswith("nodes."):
            assert cls.__module__ == f"nodes.{snake_case(name)}"
            assert (ROOT / "tests" / f"test_node_{snake_case(name)}.py").exists(), name


def test_a_node_file_is_a_page() -> None:
    for file in (ROOT / "nodes").glob("*.py"):
        assert len(file.read_text().splitlines()) <= 120, file.name


def test_every_port_of_every_node_can_be_read_as_a_cable() -> None:
    for cls in NODES.values():
        node: Node = cls()
        for name in (*cls.ins(), *cls.outs()):
            assert str(node.cable(name)).endswith(f".{name}")


def a_song(folder: Path) -> Path:
    """Three notes within 96 frames, as a Standard MIDI File."""
    import mido

    path = folder / "song.mid"
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000)])
    for key in (60, 64, 67):
        track.append(mido.Message("note_on", note=key, velocity=90, time=100))
        track.append(mido.Message("note_off", note=key, velocity=40, time=100))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)
    return path


def a_tone(folder: Path) -> Path:
    """A second of a sine, as a WAV file."""
    import soundfile

    path = folder / "tone.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 300 / 44_100 * np.arange(44_100)), 44_100)
    return path


FILES = {"MidiFile": a_song, "Player": a_tone, "Sampler": a_tone}
"""Files without which a node has nothing to do."""
