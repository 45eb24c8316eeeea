"""A patch as a node: its inputs and outputs, inner names, files, and every way to nest it incorrectly."""

from __future__ import annotations

import time
from pathlib import Path

import fingerprint as fp
import numpy as np
import pytest

from graph.engine.engine import Engine
from graph.errors import GraphError, PatchError
from graph.graph import load, loads
from graph.node.arithmetic import Multiply, SecondsPerBeat
from graph.node.node import Cable
from graph.patch import reader
from graph.patch.patch import read
from graph.patch.subpatch import SubPatch
from graph.reference.review import warnings

TONE = """
name: Tone
inputs:
  freq:  {default: 220 Hz, min: 20 Hz, max: 2 kHz, curve: log, doc: Pitch.}
  level: 50%
  audio: {doc: Something to go with it.}
  beat:  {kind: clock, default: own}
nodes:
  own:  {node: Transport, tempo: 60}
  osc:  {node: Sine, freq: freq}
  amp:  {node: Gain, audio: osc + audio, gain: level}
  late: {node: Delay, audio: amp, time: 1/2 beats, clock: beat}
outputs: {out: amp, wet: late * 2, clock: beat}
presets:
  high: {freq: 880 Hz, amp.audio.x: 3}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "tone.yaml").write_text(TONE.replace(", amp.audio.x: 3", ""))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def patch(folder: Path, nodes: str, out: str = "a", more: str = "") -> Path:
    path = folder / "x.yaml"
    path.write_text(f"nodes:\n{nodes}\nout: {out}\n{more}")
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(PatchError) as error:
        load(path)
    return [f"{Path(p.file).name}:{p.line}:{p.column}: {p.message}" for p in error.value.problems]


def test_a_patch_is_a_node_with_its_nodes_named_within_it(folder: Path) -> None:
    graph = load(patch(folder, "  a: {patch: sub/tone.yaml, freq: 440 Hz}"))
    assert {"a", "a.own", "a.osc", "a.amp", "a.late"} <= set(graph.nodes)
    shell, osc, amp = graph.nodes["a"], graph.nodes["a.osc"], graph.nodes["a.amp"]
    assert isinstance(shell, SubPatch)
    assert shell.inputs["freq"] == 440
    assert osc.inputs["freq"] == Cable(shell, "freq")
    assert graph.out == Cable(amp, "out")
    assert [node.name for node in (osc, amp)] == ["a.osc", "a.amp"]


def test_inputs_have_their_declared_unit_range_and_default(folder: Path) -> None:
    ports = load(patch(folder, "  a: {patch: sub/tone}")).nodes["a"].ins()
    assert (ports["freq"].default, ports["freq"].unit, ports["freq"].min, ports["freq"].max) == (220, "Hz", 20, 2000)
    assert (ports["freq"].curve, ports["freq"].doc) == ("log", "Pitch.")
    assert (ports["level"].default, ports["level"].unit) == (0.5, "")
    assert (ports["audio"].default, ports["beat"].kind) == (None, "clock")


@pytest.mark.parametrize(
    ("written", "default", "unit"),
    [
        ("3", 3, ""),
        ("1.2 kHz", 1200, "Hz"),
        ("10 ms", 0.01, "s"),
        ("A4", 440, "Hz"),
        ("-6 dB", 10**-0.3, ""),
        ("7 semitones", 7, "semitones"),
        ("{default: 7, unit: cents}", 7, "cents"),
        ("{default: -6 dB, unit: dB}", -6, "dB"),
        ("{min: 20 Hz}", None, "Hz"),
        ("{default: 2 * 10 ms}", 0.02, "s"),
        ("90 degrees", 90, "degrees"),
    ],
)
def test_the_unit_of_an_input_is_that_of_its_numbers(written: str, default: float, unit: str) -> None:
    graph = loads(f"inputs: {{x: {written}}}\nnodes: {{a: {{node: Constant, value: x}}}}\nout: a")
    port = graph.nodes["inputs"].ins()["x"]
    assert (port.default, port.unit) == (default if default is None else pytest.approx(default), unit)


def test_the_same_patch_several_times_shares_nothing(folder: Path) -> None:
    graph = load(patch(folder, "  a: {patch: sub/tone, level: 1}\n  b: {patch: sub/tone, audio: a}", "a + b"))
    assert graph.nodes["a.osc"] is not graph.nodes["b.osc"]
    assert (graph.nodes["a"].inputs["level"], graph.nodes["b"].inputs["level"]) == (1, 0.5)
    assert graph.nodes["b"].inputs["audio"] == Cable(graph.nodes["a.amp"], "out")


def test_outputs_inputs_and_inner_nodes_are_cables(folder: Path) -> None:
    nodes = "  a: {patch: sub/tone}\n  g: {node: Gain, audio: a.wet + a.osc + a.late.out, gain: a.level}"
    graph = load(patch(folder, nodes, "g"))
    gain = graph.nodes["g"]
    assert gain.inputs["gain"] == Cable(graph.nodes["a"], "level")
    total = gain.inputs["audio"].node  # type: ignore[union-attr]
    assert total.inputs["b"] == Cable(graph.nodes["a.late"], "out")
    assert isinstance(total.inputs["a"].node.inputs["a"].node, Multiply)


def test_a_patch_with_only_out_has_that_output(folder: Path) -> None:
    (folder / "plain.yaml").write_text("nodes: {o: {node: Sine}, g: {node: Gain, audio: o}}\nout: {g: -6 dB}")
    graph = load(patch(folder, "  a: {patch: plain}", "a + a.out"))
    assert graph.nodes["a.g"] in graph.nodes.values()


def test_nested_patches_find_files_relative_to_themselves(folder: Path) -> None:
    (folder / "sub" / "two.yaml").write_text(
        "nodes: {t: {patch: tone, freq: 330 Hz}, f: {node: MidiFile, file: a.mid}}\noutputs: {out: t, notes: f}"
    )
    fp.a_song(folder / "sub" / "a.mid")
    graph = load(patch(folder, "  a: {patch: sub/two}"))
    assert graph.nodes["a.t.osc"].name == "a.t.osc"
    assert graph.nodes["a.f"].options["file"] == str(folder / "sub" / "a.mid")
    graph.set("a.t.freq", 100)
    assert graph.nodes["a.t"].inputs["freq"] == 100


def test_beats_in_a_nested_patch_follow_the_given_clock(folder: Path) -> None:
    nodes = "  fast: {node: Transport, tempo: 240}\n  a: {patch: sub/tone, beat: fast}\n  b: {patch: sub/tone}"
    graph = load(patch(folder, nodes, "a.wet + b.wet"))
    assert graph.nodes["a"].inputs["beat"] == Cable(graph.nodes["fast"], "out")
    assert graph.nodes["b"].inputs["beat"] == Cable(graph.nodes["b.own"], "out")
    measured = [node for node in graph.nodes.values() if isinstance(node, SecondsPerBeat)]
    assert {node.inputs["clock"].node for node in measured} == {graph.nodes["a"], graph.nodes["b"]}  # type: ignore[union-attr]


def test_beats_may_be_given_to_an_input_in_seconds(folder: Path) -> None:
    (folder / "echo.yaml").write_text(
        "inputs: {audio: {doc: x}, time: {default: 100 ms, min: 1 ms, max: 5 s}, clock: {kind: clock}}\n"
        "nodes: {d: {node: Delay, audio: audio, time: time}}\noutputs: {out: d}"
    )
    graph = load(
        patch(
            folder,
            "  t: {node: Transport}\n  s1: {node: Saw}\n  a: {patch: echo, audio: s1, time: 3/8 beats, clock: t}",
        )
    )
    assert isinstance(graph.nodes["a"].inputs["time"], Cable)


def test_a_nested_patch_sounds_like_its_nodes(folder: Path) -> None:
    within = load(patch(folder, "  a: {patch: sub/tone, freq: 440 Hz, level: 0.25}")).render(seconds=0.1)
    plain = loads("nodes: {o: {node: Sine, freq: 440 Hz}, g: {node: Gain, audio: o, gain: 0.25}}\nout: g").render(
        seconds=0.1
    )
    np.testing.assert_array_equal(within, plain)


def test_inputs_and_inner_nodes_can_be_set_while_playing(folder: Path) -> None:
    engine = Engine(load(patch(folder, "  a: {patch: sub/tone, level: 0}")))
    assert not engine.render(64).any()
    engine.set("a.level", 1.0)
    engine.render(480)
    assert np.abs(engine.render(480)).max() > 0.9
    with pytest.raises(GraphError, match=r"a\.osc\.freq is driven by a\.freq"):
        engine.set("a.osc.freq", 3.0)
    with pytest.raises(GraphError, match=r"outside 20 \.\. 2000 Hz"):
        engine.set("a.freq", 3.0)


@pytest.mark.usefixtures("folder")
def test_a_patch_with_inputs_plays_alone_with_their_defaults() -> None:
    graph = load("sub/tone.yaml", set_values={"freq": "1 kHz", "inputs.level": "1"})
    assert graph.nodes["inputs"].inputs["freq"] == 1000
    audio = graph.render(seconds=0.1)[:, 0]
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    assert np.argmax(spectrum) * 10 == 1000


def test_presets_and_values_reach_into_nested_patches(folder: Path) -> None:
    nodes = "  a: {patch: sub/tone, preset: high, level: 0.1}\n  b: {patch: sub/tone}"
    path = patch(folder, nodes, "a + b", "presets: {deep: {a.freq: 40 Hz, b: {level: 1, late.feedback: 10%}}}\n")
    graph = load(path)
    assert (graph.nodes["a"].inputs["freq"], graph.nodes["a"].inputs["level"]) == (880, 0.1)
    graph = load(path, presets=["deep", "b.high"], set_values={"b.late.feedback": "20%"})
    assert (graph.nodes["a"].inputs["freq"], graph.nodes["b"].inputs["freq"]) == (40, 880)
    assert (graph.nodes["b"].inputs["level"], graph.nodes["b.late"].inputs["feedback"]) == (1, 0.2)


def test_values_at_a_node_take_precedence_over_its_preset(folder: Path) -> None:
    graph = load(patch(folder, "  a: {patch: sub/tone, freq: 100 Hz, preset: high}"))
    assert graph.nodes["a"].inputs["freq"] == 100


def test_bundled_instruments_are_found_by_name(folder: Path) -> None:
    graph = load(
        patch(
            folder,
            "  n: {node: Notes}\n  a: {patch: bells, events: n}\n  b: {patch: instruments/bass, events: n}",
            "a + b",
        )
    )
    assert {"a.strike", "b.filter"} <= set(graph.nodes)
    (folder / "bells.yaml").write_text(TONE.replace(", amp.audio.x: 3", ""))
    assert "a.osc" in load(patch(folder, "  a: {patch: bells}")).nodes, "a file beside the patch goes first"


def test_a_patch_within_itself_names_the_chain(folder: Path) -> None:
    (folder / "a.yaml").write_text("nodes: {n: {patch: sub/b}}\nout: n")
    (folder / "sub" / "b.yaml").write_text("nodes: {n: {patch: ../c.yaml}}\nout: n")
    (folder / "c.yaml").write_text("nodes: {n: {patch: a}}\nout: n")
    assert mistakes(folder / "a.yaml") == [
        "c.yaml:1:20: a patch cannot contain itself: a.yaml -> b.yaml -> c.yaml -> a.yaml"
    ]
    (folder / "self.yaml").write_text("nodes: {n: {patch: ./self.yaml}}\nout: n")
    assert mistakes(folder / "self.yaml") == ["self.yaml:1:20: a patch cannot contain itself: self.yaml -> self.yaml"]


def test_too_many_nodes_are_refused_before_they_are_created(folder: Path) -> None:
    (folder / "p0.yaml").write_text("nodes: {o: {node: Sine}, q: {node: Sine}}\nout: o + q")
    for i in range(1, 40):
        (folder / f"p{i}.yaml").write_text(f"nodes: {{a: {{patch: p{i - 1}}}, b: {{patch: p{i - 1}}}}}\nout: a + b")
    assert mistakes(folder / "p39.yaml") == [
        "p39.yaml:1:1: the patch, with the patches in it, has more than 100,000 nodes"
    ]
    assert len(load(folder / "p6.yaml").nodes) == 64 * 2 + 127 + 126


def test_thousands_of_nested_patches_load_in_linear_time(folder: Path) -> None:
    (folder / "p0.yaml").write_text("nodes: {o: {node: Sine}}\nout: o\npresets: {x: {o.freq: 3 Hz}}")
    for i in range(1, 13):
        (folder / f"p{i}.yaml").write_text(f"nodes: {{a: {{patch: p{i - 1}}}, b: {{patch: p{i - 1}}}}}\nout: a + b")

    def seconds(depth: int) -> float:
        began = time.process_time()
        assert warnings(read(folder / f"p{depth}.yaml")) == []
        return time.process_time() - began

    seconds(8)
    assert seconds(12) < 64 * min(seconds(8) for _ in range(3))  # 16 in theory, 256 if it were quadratic


def test_the_nesting_depth_of_patches_is_limited(folder: Path) -> None:
    (folder / "p0.yaml").write_text("nodes: {o: {node: Sine}}\nout: o")
    for i in range(1, 150):
        (folder / f"p{i}.yaml").write_text(f"nodes: {{a: {{patch: p{i - 1}}}}}\nout: a")
    assert mistakes(folder / "p149.yaml") == ["p49.yaml:1:20: patches are nested more than 100 deep"]
    assert load(folder / "p99.yaml").out.node.name == "a." * 99 + "o"


def test_errors_in_a_nested_patch_are_reported_once_at_their_position(folder: Path) -> None:
    (folder / "bad.yaml").write_text(
        "inputs: {x: {defalt: 3}}\nnodes:\n  o: {node: Sin, freq: x}\n  p: {node: Gain, audio: o}\nout: p"
    )
    assert mistakes(patch(folder, "  a: {patch: bad}\n  b: {patch: bad, x: 3}\n  c: {node: Gaim}", "[a, b, c]")) == [
        "bad.yaml:1:14: an input has no key 'defalt'. Did you mean 'default'? "
        "The keys are default, unit, min, max, curve, kind, doc",
        "bad.yaml:3:13: there is no node class 'Sin'. Did you mean 'Sine'?",
        "x.yaml:4:13: there is no node class 'Gaim'. Did you mean 'Gain'?",
    ]


def test_a_width_mismatch_in_a_nested_patch_is_reported_at_its_position(folder: Path) -> None:
    (folder / "wide.yaml").write_text(
        "inputs: {audio: {doc: x}}\nnodes:\n  v: {node: VoiceAllocator, polyphony: 3}\n"
        "  g: {node: Gain, audio: audio * v.gate}\nout: g"
    )
    nodes = "  w: {node: VoiceAllocator, polyphony: 4}\n  a: {patch: wide, audio: w.gate}\n  m: {node: Mix, audio: a}"
    found = mistakes(patch(folder, nodes, "m"))
    assert len(found) == 1
    assert found[0].startswith("wide.yaml:4:26: ")
    assert "4 voices" in found[0]


def test_a_cycle_through_a_nested_patch_names_its_path(folder: Path) -> None:
    assert "a.amp" in mistakes(patch(folder, "  a: {patch: sub/tone, audio: a}"))[0]


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ("{patch: sub/tome}", "x.yaml:2:14: there is no patch 'sub/tome'. Did you mean 'sub/tone.yaml'?"),
        ("{patch: bels}", "x.yaml:2:14: there is no patch 'bels'. Did you mean 'bells'?"),
        ("{patch: sub}", "x.yaml:2:14: 'sub': this is a folder, not a patch"),
        ("{patch: [sub/tone]}", "x.yaml:2:14: `patch:` takes the name of a patch, such as instruments/bells.yaml"),
        ("{patch: /dev/zero}", "x.yaml:2:14: '/dev/zero': this is not a regular file"),
        ("{patch: sub/tone, node: Saw}", "x.yaml:2:7: 'a' has both `node` and `patch`: keep one"),
        (
            "{patch: sub/tone, frec: 3}",
            "x.yaml:2:24: tone.yaml has no input 'frec'. Did you mean 'freq'? It has: freq, level, audio, beat",
        ),
        ("{patch: sub/tone, freq: 3}", "x.yaml:2:30: a.freq: 3 Hz is outside 20 .. 2000 Hz"),
        ("{patch: sub/tone, freq: 3 ms}", "x.yaml:2:30: a.freq takes a frequency (Hz), but `3 ms` is a time (s)"),
        ("{patch: sub/tone, level: a.clock}", "x.yaml:2:31: a.level takes a signal, but a.beat gives a clock"),
        ("{patch: sub/tone, audio: a.wett}", "x.yaml:2:31: a (tone.yaml) has no output 'wett'. Did you mean 'wet'?"),
        (
            "{patch: sub/tone, preset: hihg}",
            "x.yaml:2:32: there is no preset 'hihg'. Did you mean 'high'? The presets are high",
        ),
        (
            "{node: sub/tone.yaml}",
            "x.yaml:2:13: 'sub/tone.yaml' is a patch: write `patch: sub/tone.yaml`",
        ),
        (
            "{patch: sub/none.yaml}",
            "x.yaml:2:14: 'sub/none.yaml' has no output: add `out:` or `outputs:` to it",
        ),
    ],
)
def test_a_patch_that_is_used_wrongly_says_why(folder: Path, node: str, message: str) -> None:
    (folder / "sub" / "none.yaml").write_text("nodes: {a: {node: Saw}}\noutputs: {}")
    assert mistakes(patch(folder, f"  a: {node}")) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inputs: [x]", "`inputs:` takes lines such as `bright: {default: 50%, min: 0, max: 1}`"),
        ("inputs: {voices: 3}", "'voices' is a reserved word: choose another name for this input"),
        ("inputs: {C4: 3}", "'C4' is a note: choose another name, such as 'c4_'"),
        ("inputs: {my-x: 3}", "'my-x' is not a valid input name: use letters, digits and _, such as 'my_x'"),
        ("inputs: {x: [1]}", "write an input as `x: {default: 0.5, min: 0, max: 1}`"),
        ("inputs: {x: {default: 2, max: 1}}", "x: the default 2 is out of range: at most 1"),
        ("inputs: {x: {default: 2, unit: kHz}}", "unit: write `Hz`; values can still be given in kHz"),
        (
            "inputs: {x: {default: 2, unit: Herz}}",
            "unit: 'Herz' is not one of Hz, s, bpm, degrees, semitones, cents, dB, beats, bars",
        ),
        ("inputs: {x: {kind: event}}", "kind: 'event' is not one of signal, events, clock"),
        ("inputs: {x: {kind: events, min: 0}}", "`min` is not valid with `kind: events`"),
        ("inputs: {x: {default: 1, min: [0]}}", "`min:` takes a number"),
        ("inputs: {x: {default: 1, doc: [0]}}", "`doc:` takes a line of text"),
        ("inputs: {x: {default: nothing}}", "there is no node 'nothing'"),
        ("inputs: {o: 3}", "'o' is already an input of this patch"),
        ("inputs: {x: 3}\nrate: x.out * 2", "a number is needed here, not `x.out`"),
        ("outputs: [o]", "`outputs:` takes lines such as `out: filter`"),
        ("outputs: {Hz: o}", "'Hz' is a unit: choose another name, such as 'Hz_'"),
        ("outputs: {x: 3}", "x: a number makes no sound: write the name of a node"),
        ("outputs: {x: 3 beats * o}", "x cannot be in beats: there is no clock here"),
        ("presets: [o]", "`presets:` takes lines such as `dark: {filter.cutoff: 400 Hz}`"),
        ("presets: {x: 3}", "write a preset as `x: {filter.cutoff: 400 Hz}`"),
        ("presets: {x y: {o.freq: 3 Hz}}", "'x y' is not a valid preset name: use letters, digits, - and _"),
        ("presets: {x: {o.freq: [3]}}", "o.freq takes one value, not a list or mapping"),
        ("presets: {x: {o.freq: 3 ms}}", "o.freq takes a frequency (Hz), but `3 ms` is a time (s)"),
        ("presets: {x: {freq: 3}}", "'freq' is not an input: write NODE.PORT, such as 'filter.cutoff'"),
        ("inputs: {y: 1}\npresets: {x: {z: 3}}", "the patch has no input 'z'. It has: y"),
        ("presets: {x: {p.freq: 3}}", "there is no node 'p'"),
        (
            "presets: {x: {g.audio: 3}}",
            "g.audio is driven by o.out and cannot be set: connect a Constant or a Control instead, and set that",
        ),
    ],
)
def test_an_invalid_declaration_says_why(text: str, message: str) -> None:
    with pytest.raises(PatchError) as error:
        loads(f"nodes: {{o: {{node: Sine}}, g: {{node: Gain, audio: o}}}}\nout: g\n{text}\n")
    assert [problem.message for problem in error.value.problems] == [message]


def test_the_node_limit_is_the_one_in_the_message() -> None:
    assert f"{reader.MAX_NODES:,}" == "100,000"
