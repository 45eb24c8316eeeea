"""Names and keywords that have changed: the old ones raise an error that gives the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import graph
import graph.native
import nodes
from graph import Graph, GraphError, NodeError, PatchError, loads
from graph.devices.device import Device
from graph.devices.null import NullDevice
from graph.engine.engine import Engine
from graph.errors import FORMER
from graph.native.functions import PLAIN
from graph.play.instrument import Instrument
from graph.play.live import Live
from nodes import MidiIn, Mix, Sine, Transport, VoiceAllocator

pytestmark = pytest.mark.usefixtures("time_limit")

RENAMED_PORTS = [
    *((node, "bright", "brightness") for node in ("Bow", "Brass", "Flute", "Reed")),
    *((node, "chance", "probability") for node in ("Euclid", "Steps")),
    *((node, "signal", "audio") for node in ("Curve", "SampleHold", "Slew")),
    ("Comb", "damp", "damping"),
]


def piece_of() -> Graph:
    return Graph(Mix(Sine(freq=VoiceAllocator(events=MidiIn()).freq)))


@pytest.fixture(scope="module")
def piece() -> Any:
    with piece_of().offline() as piece:
        yield piece


@pytest.mark.parametrize(("cls", "old"), [(cls, old) for cls in (Live, Engine, Device) for old in cls.renamed])
def test_an_old_name_raises_an_error_that_gives_the_new_one(cls: type[Any], old: str) -> None:
    made: Any = object.__new__(NullDevice if cls is Device else cls)
    new = cls.renamed[old]
    assert hasattr(cls, new) or new in ("messages", "on_events")  # created with the object
    assert not hasattr(cls, old)
    with pytest.raises(AttributeError, match=f"'{old}' of {type(made).__name__} is now '{new}'"):
        getattr(made, old)


def test_a_name_that_never_was_raises_the_ordinary_error(piece: Instrument) -> None:
    with pytest.raises(AttributeError, match="'Engine' object has no attribute 'lissen'"):
        piece.engine.lissen  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("old", ["at", "heard"])
@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("send", ([0x90, 60, 1],)),
        ("note_on", (60,)),
        ("note_off", (60,)),
        ("control", (1, 0.5)),
        ("send_out", ([0xFE],)),
    ],
)
def test_an_old_keyword_raises_an_error_that_gives_the_new_one(piece: Any, method: str, words: Any, old: str) -> None:
    with pytest.raises(TypeError, match=rf"^{method}\(\) takes host_time= in place of {old}=$"):
        getattr(piece, method)(*words, **{old: 1})


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"frame": 1, "beat": 1}, TypeError, "give only one of host_time=, frame= and beat="),
        ({"frame": 1, "clock": "beat"}, TypeError, "clock= needs beat= too"),
        ({"frame": 0.5}, GraphError, "a frame must be a whole number, not 0.5"),
        ({"frame": -1}, GraphError, "a frame must be 0 .. "),
        ({"host_time": float("nan")}, GraphError, "host_time must be 0 .. "),
        ({"beat": 1}, GraphError, "the graph has no clock, so it has no beats: put a Transport into it"),
    ],
)
def test_an_invalid_time_is_rejected(piece: Any, words: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        piece.note_on(60, **words)


@pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play")
def test_of_several_clocks_one_is_named() -> None:
    from nodes import ClockOut, MidiOut

    clocks = [Transport(tempo=tempo, name=name) for name, tempo in (("slow", 60.0), ("fast", 240.0))]
    outs = [MidiOut(events=ClockOut(clock=clock)) for clock in clocks]
    with Graph(Sine(), nodes=outs).offline() as piece:
        with pytest.raises(GraphError, match=r"2 clocks, (slow, fast|fast, slow): name one, such as clock='"):
            piece.note_on(60, beat=2)
        assert piece._frame(None, None, 2, "slow") == 96_000
        assert piece._frame(None, None, 2, "fast") == 24_000


@pytest.mark.parametrize(("node", "old", "new"), RENAMED_PORTS)
def test_an_old_port_in_a_patch_is_answered_with_the_new_one(node: str, old: str, new: str) -> None:
    with pytest.raises(PatchError, match=f"{node} has no input '{old}'. It is now '{new}'."):
        loads(f"nodes:\n  it: {{node: {node}, {old}: 0.5}}\nout: it\n")


@pytest.mark.parametrize(("node", "old", "new"), RENAMED_PORTS)
def test_an_old_port_in_python_is_answered_with_the_new_one(node: str, old: str, new: str) -> None:
    with pytest.raises(NodeError, match=f"{node} has no input '{old}'. It is now '{new}'."):
        getattr(nodes, node)(**{old: 0.5})


def test_an_old_port_on_the_command_line_is_answered_with_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("nodes:\n  it: {node: Comb, audio: 0}\nout: it\n")
    said = subprocess.run(
        [sys.executable, "-m", "graph", "p.yaml", "--set", "it.damp=2 kHz", "--out", "x.wav", "--seconds", "1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 1
    assert "It is now 'damping'." in said.stderr


def test_an_old_class_is_answered_with_the_new_one() -> None:
    with pytest.raises(PatchError, match=r"there is no node class 'Rim'. It is now 'RimShot'."):
        loads("nodes:\n  it: {node: Rim}\nout: it\n")
    with pytest.raises(ImportError, match=r"'graph.language.Source' is now 'graph.language.SourceText'"):
        from graph.language import Source  # noqa: F401
    with pytest.raises(ImportError, match=r"'nodes.Rim' is now 'nodes.RimShot'"):
        from nodes import Rim  # noqa: F401


@pytest.mark.parametrize("old", ["helper", "float_bits", "bits_float", "designed"])
def test_an_old_function_of_graph_is_answered_with_the_new_one(old: str) -> None:
    with pytest.raises(ImportError, match=f"^'graph.{old}' is now 'graph.{FORMER[old]}'$"):
        getattr(graph, old)


@pytest.mark.parametrize("old", ["helper", "float_bits", "bits_float"])
def test_an_old_function_of_native_is_answered_with_the_new_one(old: str) -> None:
    with pytest.raises(ImportError, match=f"^'graph.native.{old}' is now 'graph.native.{FORMER[old]}'$"):
        getattr(graph.native, old)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x = In(struck=True)", "In() takes at_trigger= in place of struck="),
        ("out = Out(held=True)", "Out() takes persistent= in place of held="),
        ("out = Out(twin='x')", "Out() takes unslewed= in place of twin="),
        ("delays = True", "Own.delays is now 'breaks_cycles'"),
        ("def verify(self): ...", "Own.verify is now 'validate'"),
    ],
)
def test_an_old_word_of_a_class_body_is_answered_with_the_new_one(line: str, message: str) -> None:
    with pytest.raises((TypeError, NodeError)) as error:
        exec(f"from graph import In, Node, Out\nclass Own(Node):\n    {line}\n", {"__name__": "own"})
    assert str(error.value).endswith(message)
