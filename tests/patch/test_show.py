"""Diagrams of graphs: nothing overlaps, nothing is cut off, and every cable is drawn."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from random_graphs import graphs

from graph import Graph, GraphError, GraphrunError, In, Node, Out, kernel, load
from graph.graph import loads
from graph.patch.bundle import bundled_names
from graph.picture.drawing import Curve, Drawing, Label, draw, svg
from graph.picture.layout import Layout, Placed, dot, measure, place, stroke, text_width
from graph.picture.picture import Picture, picture
from graph.picture.show import mermaid, show
from nodes import Adsr, Lfo, LowPass, Mix, Notes, Pan, Saw, Transport, VoiceAllocator

PATCHES = [*bundled_names(), *bundled_names("instruments"), *(f"kits/{name}" for name in bundled_names("kits"))]

TIMES = "\N{MULTIPLICATION SIGN}"

Point = tuple[float, float]


@pytest.fixture(scope="module", params=PATCHES)
def laid_out(request: pytest.FixtureRequest) -> tuple[Picture, Layout, Drawing]:
    shown = picture(load(request.param))
    layout = place(shown)
    return shown, layout, draw(shown, layout)


def along(curve: list[Point], steps: int = 24) -> Iterator[Point]:
    """Points of a Bezier curve."""
    for piece in range(0, len(curve) - 1, 3):
        a, b, c, d = curve[piece : piece + 4]
        for step in range(steps + 1):
            t, u = step / steps, 1 - step / steps
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            yield tuple(sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))  # type: ignore[misc]


def inside(point: Point, box: Placed, margin: float) -> bool:
    return (
        box.x + margin < point[0] < box.x + box.width - margin
        and box.y + margin < point[1] < box.y + box.height - margin
    )


def test_a_node_may_be_called_out() -> None:
    shown = picture(loads("nodes:\n  osc: {node: Sine}\n  out: {node: Gain, audio: osc}\nout: out\n"))
    assert [box.title for box in shown.boxes] == ["osc", "out", "out"]
    assert len(place(shown).boxes) == len({box.key for box in shown.boxes}) == 3
    assert ("out", "out", "out", "in") in wires(shown)


def test_no_two_boxes_overlap(laid_out: tuple[Picture, Layout, Drawing]) -> None:
    for a, b in combinations(laid_out[1].boxes, 2):
        apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        assert apart, f"{a.box.key} and {b.box.key}"


def test_no_cable_runs_through_a_box(laid_out: tuple[Picture, Layout, Drawing]) -> None:
    shown, layout, _ = laid_out
    for wire, curve in zip(shown.wires, layout.curves, strict=True):
        for point in along(curve):
            assert not [box.box.key for box in layout.boxes if inside(point, box, 1.5)], wire


def test_every_cable_ends_at_its_pins(laid_out: tuple[Picture, Layout, Drawing]) -> None:
    shown, layout, _ = laid_out
    boxes = {placed.box.key: placed for placed in layout.boxes}
    for wire, curve in zip(shown.wires, layout.curves, strict=True):
        source, target = boxes[wire.source], boxes[wire.target]
        start = (source.x + source.width, source.y + source.pin("o", wire.output))
        end = (target.x, target.y + target.pin("i", wire.input))
        assert curve[0] == pytest.approx(start, abs=2.0)
        assert curve[-1] == pytest.approx(end, abs=2.0)


def test_no_text_is_cut_off(laid_out: tuple[Picture, Layout, Drawing]) -> None:
    _, layout, drawing = laid_out
    edges = [(box.x + 16, box.y, box.width) for box in layout.boxes]
    assert edges
    for label in (shape for shape in drawing.shapes if isinstance(shape, Label)):
        font = FontProperties(family="DejaVu Sans", size=label.size, weight="bold" if label.bold else "normal")
        real, _, _ = TextToPath().get_text_width_height_descent(label.text, font, ismath=False)
        assert real <= text_width(label.text, label.size, label.bold), label
        left = label.x - {"start": 0.0, "middle": real / 2, "end": real}[label.anchor]
        assert left >= 0
        assert left + real <= drawing.width
        assert label.size < label.y <= drawing.height


def test_the_rows_of_a_box_are_as_wide_as_their_texts(laid_out: tuple[Picture, Layout, Drawing]) -> None:
    for placed in laid_out[1].boxes:
        box = placed.box
        texts = [box.title + box.subtitle, *(f"{key} {value}" for key, value in box.notes)]
        outs = [""] * len(box.ins) if box.through or box.small else [port.key for port in box.outs]
        rows = max(len(box.ins), len(outs))
        ins = [f"{port.key} {port.value}" for port in box.ins] if not box.small else []
        texts += [
            f"{left}{right}"
            for left, right in zip(ins + [""] * (rows - len(ins)), outs + [""] * (rows - len(outs)), strict=True)
        ]
        assert max(map(text_width, texts)) < placed.width


def test_the_svg_is_xml_on_white_paper(laid_out: tuple[Picture, Layout, Drawing]) -> None:
    root = ElementTree.fromstring(svg(laid_out[2]))
    paper = root.find("{http://www.w3.org/2000/svg}rect")
    assert paper is not None
    assert paper.get("fill") == "#ffffff"
    assert (paper.get("x"), paper.get("y")) == ("0.0", "0.0")
    assert float(paper.get("width", 0)) >= float(root.get("width", 1)) - 1


@pytest.mark.parametrize("file", sorted((ROOT / "patches" / "pictures").glob("*.svg")), ids=lambda file: file.stem)
def test_the_diagrams_of_the_patches_are_current(file: Path) -> None:
    shown = picture(load(file.stem))
    today = sorted(label.text for label in draw(shown, place(shown)).shapes if isinstance(label, Label))
    texts = ElementTree.parse(file).getroot().iter("{http://www.w3.org/2000/svg}text")
    assert sorted(text.text or "" for text in texts) == today, f"graphrun show {file.stem} -o {file}"


def test_a_node_with_many_inputs_shows_only_those_set() -> None:
    cls = type("Many", (Node,), {f"p{n}": In(0.0) for n in range(14)} | {"out": Out(), "process": kernel(_many)})
    box = next(b for b in picture(Graph(Mix(audio=cls(p3=2.0, p7=Saw())))).boxes if b.subtitle == "Many")
    assert [port.key for port in box.ins] == ["p3", "p7"]
    assert box.notes == [("12 more at their defaults", "")]


def _many(block: object) -> None:
    """Never run."""


def wires(shown: Picture) -> set[tuple[str, str, str, str]]:
    titles = {box.key: box.title for box in shown.boxes}
    return {(titles[wire.source], wire.output, titles[wire.target], wire.input) for wire in shown.wires}


def test_expressions_become_small_operators_and_knobs_at_the_ports() -> None:
    env, slow = Adsr(name="env"), Lfo(name="slow")
    shown = picture(Graph(LowPass(audio=Saw(name="osc"), cutoff=200 + env * 4000 + slow * env * 90, name="low")))
    low = next(box for box in shown.boxes if box.key == "low")
    assert [(port.key, port.value) for port in low.ins] == [("audio", ""), ("cutoff", "200 Hz +"), ("q", "0.707")]
    assert wires(shown) == {
        ("osc", "out", "low", "audio"),
        ("env", "out", f"{TIMES} 4 kHz", "in"),
        (f"{TIMES} 4 kHz", "out", "low", "cutoff"),
        ("slow", "out", f"{TIMES} 90 Hz", "in"),
        ("env", "out", f"{TIMES} 90 Hz", "in"),
        (f"{TIMES} 90 Hz", "out", "low", "cutoff"),
        ("low", "out", "out", "in"),
    }
    assert all(box.small for box in shown.boxes if box.title.startswith(TIMES))


def test_sends_and_beats_are_shown_as_written() -> None:
    shown = picture(
        loads(
            "nodes:\n  beat: {node: Transport}\n  osc: {node: Saw}\n  lead: {node: Pan, audio: osc}\n"
            "  echo: {node: Delay, audio: {lead: -12 dB}, time: 3/8 beats, clock: beat}\nout: [echo, lead]"
        )
    )
    assert {box.title for box in shown.boxes if box.small} == {"-12 dB", "3/8 beats", "out"}
    assert ("beat", "out", "3/8 beats", "in") in wires(shown)
    assert {each[:2] for each in wires(shown) if each[2] == "out"} == {("echo", "out"), ("lead", "out")}


def polyphonic() -> Graph:
    beat = Transport(name="beat")
    voices = VoiceAllocator(events=Notes(clock=beat, name="tune"), polyphony=8, name="voices")
    return Graph(Pan(audio=Saw(freq=voices.freq, name="osc"), name="place"), name="Eight <&> more")


def test_cables_have_the_color_of_their_kind_and_the_width_of_their_lanes() -> None:
    shown = picture(polyphonic())
    found = {(wire.source, wire.target): (wire.kind, wire.lanes) for wire in shown.wires}
    assert found == {
        ("beat", "tune"): ("clock", 1),
        ("tune", "voices"): ("events", 1),
        ("voices", "osc"): ("signal", 8),
        ("osc", "place"): ("signal", 8),
        ("place", "out"): ("signal", 2),
    }
    drawn = {(s.color, s.width) for s in draw(shown, place(shown)).shapes if isinstance(s, Curve)}
    assert {("#2f8f4e", stroke(1)), ("#d9730d", stroke(1)), ("#2f6fb5", stroke(8)), ("#2f6fb5", stroke(2))} <= drawn
    assert stroke(1) < stroke(2) < stroke(8) < stroke(16)


def test_nested_patches_are_frames_around_their_nodes(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(
        "inputs: {pitch: {default: 220 Hz}}\nnodes:\n  osc: {node: Saw, freq: pitch}\noutputs: {out: osc}\n"
    )
    (tmp_path / "middle.yaml").write_text(
        "nodes:\n  voice: {patch: inner.yaml}\n  low: {node: LowPass, audio: voice}\noutputs: {out: low}\n"
    )
    (tmp_path / "outer.yaml").write_text(
        "nodes:\n  one: {patch: inner.yaml, pitch: 110 Hz}\n  two: {patch: middle.yaml}\nout: [one, two]\n"
    )
    shown = picture(load(tmp_path / "outer.yaml"))
    layout = place(shown)
    assert set(layout.frames) == {("one",), ("two",), ("two", "voice")}
    for placed in layout.boxes:
        for frame, (x, y, width, height) in layout.frames.items():
            within = x <= placed.x <= placed.x + placed.width <= x + width
            within = within and y <= placed.y <= placed.y + placed.height <= y + height
            assert within == (placed.box.group[: len(frame)] == frame), (placed.box.key, frame)


def test_signals_flow_from_left_to_right() -> None:
    layout = place(picture(polyphonic()))
    across = [placed.x for placed in layout.boxes]
    assert [placed.box.key for placed in layout.boxes] == ["beat", "tune", "voices", "osc", "place", "out"]
    assert across == sorted(across)


def test_a_feedback_loop_has_its_picture() -> None:
    graph = loads(
        "nodes:\n  osc: {node: Saw}\n  loop: {node: Feedback, audio: low}\n"
        "  low: {node: LowPass, audio: osc + loop * 0.5}\nout: low"
    )
    shown = picture(graph)
    assert ("low", "out", "loop", "audio") in wires(shown)
    layout = place(shown)
    for curve in layout.curves:
        assert not [box for point in along(curve) for box in layout.boxes if inside(point, box, 1.5)]


def test_a_cable_may_start_at_an_input() -> None:
    low = LowPass(audio=Saw(name="osc"), name="low")
    shown = picture(Graph(LowPass(audio=low, cutoff=low.cutoff, name="high")))
    assert ("low", "cutoff", "high", "cutoff") in wires(shown)
    assert len(place(shown).curves) == len(shown.wires)


def test_any_text_fits_its_box() -> None:
    letters = "".join(chr(code) for code in (*range(32, 127), *range(0xC0, 0x180), 0x2212, 0xD7, 0xF7, 0x2026))
    for bold in (False, True):
        font = FontProperties(family="DejaVu Sans", size=11, weight="bold" if bold else "normal")
        for letter in letters:
            real, _, _ = TextToPath().get_text_width_height_descent(letter * 20, font, ismath=False)
            assert real <= text_width(letter * 20, 11, bold), letter


def test_every_kind_of_file_is_written(tmp_path: Path) -> None:
    graph = polyphonic()
    for kind in ("svg", "png", "dot", "mmd"):
        show(graph, tmp_path / f"picture.{kind}")
    assert "Eight &lt;&amp;&gt; more" in (tmp_path / "picture.svg").read_text()
    from matplotlib.image import imread

    pixels = imread(tmp_path / "picture.png")
    height, width = pixels.shape[:2]
    page = ElementTree.parse(tmp_path / "picture.svg").getroot()
    assert (width, height) == pytest.approx((2 * float(page.get("width", 0)), 2 * float(page.get("height", 0))), abs=3)
    assert pixels[0, 0, :3].min() == 1.0
    assert 0.01 < (pixels[:, :, :3].min(axis=2) < 0.6).mean() < 0.3


def test_the_dot_file_is_read_by_graphviz_and_has_the_texts() -> None:
    import pygraphviz

    text = dot(picture(polyphonic()))
    drawn = pygraphviz.AGraph(string=text).draw(format="svg", prog="dot").decode()
    for word in ("voices", "VoiceAllocator", "velocity", "osc", "Eight &lt;&amp;&gt; more"):
        assert word in drawn


def test_mermaid_has_every_node_and_cable() -> None:
    text = mermaid(picture(polyphonic()))
    assert text.splitlines()[:4] == ["---", 'title: "Eight #lt;&#gt; more"', "---", "flowchart LR"]
    assert '  n3["<b>osc</b> Saw"]' in text.splitlines()
    assert '  n2 -->|"freq"| n3' in text.splitlines()
    assert text.count("-->") == text.count("linkStyle") == 5


def test_without_graphviz_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(GraphrunError, match=r"pip install pygraphviz; `-o dot` and `-o mmd` work without it"):
        show(polyphonic(), tmp_path / "a.svg")
    show(polyphonic(), tmp_path / "a.dot")


def test_without_matplotlib_a_png_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(GraphrunError, match=r"PNG output needs Matplotlib.*'graphrun\[plot\]'"):
        show(polyphonic(), tmp_path / "a.png")


def test_a_box_grows_with_its_texts() -> None:
    def width(name: str) -> float:
        return measure(picture(Graph(Mix(audio=Saw(name=name)))).boxes[0]).width

    assert width("a_name_that_does_not_want_to_end") > width("short_name") + 100


def test_the_command_writes_to_the_working_directory_and_says_where(
    graphrun: Callable[..., object], tmp_path: Path
) -> None:
    done = graphrun("show", "tide")
    assert (done.returncode, done.stdout.strip()) == (0, "tide.svg")  # type: ignore[attr-defined]
    assert (tmp_path / "tide.svg").read_text().startswith("<svg")
    done = graphrun("show", "tide", "--json")
    said = json.loads(done.stdout)  # type: ignore[attr-defined]
    assert (said["patch"], said["file"]) == ("tide", "tide.svg")
    assert set(load("tide").nodes) == set(said["nodes"])
    done = graphrun("show", "tide", "-o", "mmd")
    assert (done.returncode, done.stdout.strip()) == (0, "tide.mmd")  # type: ignore[attr-defined]
    done = graphrun("show", "tide", "-o", "tide.pdf")
    assert done.returncode == 1  # type: ignore[attr-defined]
    assert "tide.pdf: unsupported file type; use a name ending in .svg, .png, .dot, .mmd" in done.stderr  # type: ignore[attr-defined]


def test_a_graph_of_hundreds_of_nodes_has_its_picture() -> None:
    total = Saw(name="osc") * 1.0
    for _ in range(200):
        total = LowPass(audio=total * 0.999 + 0.001)
    shown = picture(Graph(Mix(audio=total)))
    assert len(place(shown).curves) == len(shown.wires) > 400


def test_arithmetic_as_deep_as_it_may_be_has_its_picture() -> None:
    total = Saw(name="osc") * 2.0
    for _ in range(1_200):
        total = (1.0 - total) / 2.0
    assert len(picture(Graph(Mix(audio=total))).wires) == 2_403


@given(graphs())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_graph_has_its_picture(graph: Graph) -> None:
    try:
        graph.check()
    except GraphError:
        return
    shown = picture(graph)
    layout = place(shown)
    for a, b in combinations(layout.boxes, 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
    for wire, curve in zip(shown.wires, layout.curves, strict=True):
        assert not [box.box.key for point in along(curve) for box in layout.boxes if inside(point, box, 3.0)], wire
    ElementTree.fromstring(svg(draw(shown, layout)))
    assert dot(shown).count(" -> ") >= len(shown.wires)
    assert mermaid(shown).count("linkStyle") >= len(shown.wires)
