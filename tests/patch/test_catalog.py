"""The reference and the schema are generated from the declarations, current, and their examples load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fingerprint as fp
import jsonschema
import numpy as np
import pytest
import soundfile
import yaml
from conftest import ROOT

from graph.errors import PatchError
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.node.arithmetic import Gain
from graph.node.library import Library, all_nodes, find
from graph.node.node import Node
from graph.reference.catalog import AROUND, FAMILIES, described, example, families, family, page, quantity, table
from graph.reference.schema import schema

CLASSES = all_nodes()
PATCHES = sorted(path for path in (ROOT / "patches").rglob("*.yaml") if not {"broken", "patterns"} & {*path.parts})
NOT_FOR_PATCHES = ("Spread",)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    made = schema(CLASSES.values())
    jsonschema.Draft7Validator.check_schema(made)
    return jsonschema.Draft7Validator(made)


def heard(cls: type[Node], line: str) -> str:
    """A patch that outputs a node's first output."""
    name = line.partition(":")[0]
    kind = next(iter(cls.outs().values())).kind
    more = {
        "signal": "",
        "events": f"  player: {{node: VoiceAllocator, events: {name}}}\n",
        "clock": f"  player: {{node: SecondsPerBeat, clock: {name}}}\n",
    }[kind]
    mix = f"  all_voices: {{node: Mix, audio: {'player' if more else name}}}\n"
    return f"nodes:\n{AROUND}  {line}\n{more}{mix}out: all_voices\n"


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in NOT_FOR_PATCHES])
def test_the_example_of_a_node_loads(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = example(CLASSES[name])
    monkeypatch.chdir(tmp_path)
    fp.a_song(tmp_path / "song.mid")
    soundfile.write(tmp_path / "sound.wav", np.sin(np.arange(4_096) * 2 * np.pi / 256), 48_000)
    graph = loads(heard(CLASSES[name], line))
    assert type(graph.nodes[line.partition(":")[0]]) is CLASSES[name]


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in NOT_FOR_PATCHES])
def test_the_example_of_a_node_is_valid_by_the_schema(name: str, validator: jsonschema.Draft7Validator) -> None:
    validator.validate(yaml.safe_load(heard(CLASSES[name], example(CLASSES[name]))))


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_a_bundled_patch_is_valid_and_names_the_schema(path: Path, validator: jsonschema.Draft7Validator) -> None:
    text = path.read_text(encoding="utf-8")
    validator.validate(yaml.safe_load(text))
    marks = [line for line in text.splitlines() if line.startswith("# yaml-language-server: $schema=")]
    assert len(marks) == 1
    assert (path.parent / marks[0].partition("=")[2]).resolve() == ROOT / "patches" / "schema.json"


@pytest.mark.parametrize(
    "text",
    [
        "nodes: {a: {node: Saww}}\nout: a",
        "nodes: {a: {node: Saw, freqq: 3}}\nout: a",
        "nodes: {a: {node: Lfo, shape: round}}\nout: a",
        "nodes: {a: {node: Delay, ping_pong: 3}}\nout: a",
        "nodes: {my-a: {node: Saw}}\nout: a",
        "nodes: {a: {freq: 3}}\nout: a",
        "nodes: {a: {node: Saw, patch: x}}\nout: a",
        "nodes: {a: {node: Saw}}\noutt: a",
        "nodes: {a: {node: Saw}}",
        "out: a",
        "nodes: {a: {node: Saw}}\nout: a\ninputs: {x: {defalt: 3}}",
        "nodes: {a: {node: Saw}}\nout: a\npresets: {x: 3}",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str, validator: jsonschema.Draft7Validator) -> None:
    assert not validator.is_valid(yaml.safe_load(text))
    with pytest.raises(PatchError):
        loads(text)


def undescribed(node: Any, where: str = "") -> list[str]:
    """The properties without a description."""
    if isinstance(node, list):
        return [hole for i, item in enumerate(node) for hole in undescribed(item, f"{where}/{i}")]
    if not isinstance(node, dict):
        return []
    properties = {} if where.endswith("if") else node.get("properties", {})
    holes = [f"{where}/{k}" for k, v in properties.items() if isinstance(v, dict) and not v.get("description")]
    return holes + [hole for key, value in node.items() for hole in undescribed(value, f"{where}/{key}")]


def test_every_key_of_the_schema_has_a_description() -> None:
    assert undescribed(schema(CLASSES.values())) == []


def test_generated_files_are_current() -> None:
    words = [sys.executable, "tools/docs", "--check"]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout == "", "run tools/docs"


def test_the_reference_shows_every_figure_with_its_title() -> None:
    text = (ROOT / "nodes" / "README.md").read_text(encoding="utf-8")
    figures = sorted((ROOT / "nodes" / "pictures").glob("*.svg"))
    assert len(figures) > 5
    for path in figures:
        title = ElementTree.parse(path).getroot().findtext("{http://www.w3.org/2000/svg}title")
        assert f"![{title}](pictures/{path.name})" in text, "run tools/figures and tools/docs"


@pytest.mark.skipif(PLAIN, reason="plain Python is too slow to render seconds")
def test_figures_show_what_the_nodes_play() -> None:
    # Those made of notes: lines of other figures may differ by a tenth of a pixel between machines.
    words = [sys.executable, "tools/figures", "--check", "steps", "arpeggio", "delay"]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), "run tools/figures"


def test_every_node_belongs_to_a_known_family() -> None:
    found = families(CLASSES.values())
    assert list(found) == list(FAMILIES)
    assert sorted(cls.__name__ for members in found.values() for cls in members) == sorted(CLASSES)
    names = ("LowPass", "Saw", "Reverb", "Notes", "Add", "Gain", "Lfo")
    assert [family(find(name)) for name in names] == [
        *("Filters", "Oscillators", "Space", "Notes and time", "Arithmetic", "Mixing", "Modulation")
    ]


def test_a_page_documents_a_whole_node() -> None:
    text = page(find("LowPass"))
    assert "low_pass: {node: LowPass, audio: osc, cutoff: 1 kHz, q: 0.707}" in text
    assert "  cutoff  input   Hz  1 kHz  20 Hz .. 20 kHz  Cutoff frequency" in text
    assert "(nodes/dsp/filters/svf.py)" in text, "where it comes from"
    for name, cls in CLASSES.items():
        assert all(word in page(cls) for word in cls.fields if word in (*cls.ins(), *cls.outs())), name


def test_the_table_lists_every_node_once() -> None:
    lines = [line.split()[0] for line in table(CLASSES.values()).splitlines() if line.startswith("  ")]
    assert sorted(lines) == sorted(CLASSES)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1000, "Hz", "1 kHz"), (0.01, "s", "10 ms"), (0, "s", "0 s"), (1, "s", "1 s"), (0.5, "", "0.5"), (3, "any", "3")],
)
def test_defaults_are_shown_as_written_in_a_patch(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_the_command_line_documents_nodes(graphrun, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "halves.py").write_text(
        "from graph import In, Node, Out, per_sample\n\n\nclass Half(Node):\n    '''Half.'''\n\n"
        "    audio = In(doc='in')\n    out = Out(doc='out')\n\n"
        "    @per_sample\n    def process(audio):\n        return 0.5 * audio\n"
    )
    assert graphrun("nodes", "LowPass").stdout == page(find("LowPass")) + "\n"
    assert json.loads(graphrun("nodes", "Gain", "--json").stdout) == described(Gain)
    assert "half: {node: Half, audio: osc}" in graphrun("nodes", "Half", "--nodes", "halves.py").stdout
    done = graphrun("nodes", "LowPas")
    assert (done.returncode, "Did you mean 'LowPass'" in done.stderr) == (1, True)
    made = json.loads(graphrun("schema", "--nodes", "halves.py").stdout)
    assert made == json.loads(json.dumps(schema(Library([tmp_path / "halves.py"]).all_nodes().values())))
    assert "node.Half" in made["definitions"]
