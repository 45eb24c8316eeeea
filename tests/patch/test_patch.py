"""Patches: valid ones and the graphs they give, and every message for invalid ones."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from graph.errors import PatchError, Problem
from graph.graph import load, loads
from graph.language import yaml_tree
from graph.language.mistakes import Mistakes
from graph.language.source import SourceText
from graph.language.yaml_tree import Mapping, Scalar, Sequence, parse
from graph.node.arithmetic import Add, Divide, Gain, Merge, Multiply, SecondsPerBeat
from graph.node.node import Cable
from graph.patch.bundle import bundled, find
from graph.patch.patch import set_values

BROKEN = Path(__file__).parents[2] / "patches" / "broken"

NODES = '''
from graph import In, Node, Option, Out, kernel


class Tone(Node):
    """Has a port of every kind."""

    audio = In()
    freq = In(440, "Hz", 20, 20_000)
    time = In(0.1, "s", 0, 10)
    level = In(1.0)
    tune = In(0, "semitones", -24, 24)
    clock = In(kind="clock")
    events = In(kind="events")
    size = Option(1, min=1, max=16)
    width = Option(0.5, min=0, max=1)
    loop = Option(False)
    mode = Option("soft", choices=("soft", "hard"))
    file = Option("")
    text = Option("")
    out = Out()
    pitch = Out("Hz")

    @kernel
    def process(block):
        block.out[0, 0] = 0.0


class Beat(Node):
    """A clock."""

    out = Out(kind="clock")

    @kernel
    def process(block):
        block.out.quantum[0] = 4.0


class Keys(Node):
    """Events."""

    out = Out(kind="events")

    @kernel
    def process(block):
        block.out.count[0] = 0
'''


@pytest.fixture
def nodes_file(tmp_path):
    path = tmp_path / "patch_test_nodes.py"
    path.write_text(NODES)
    return path


@pytest.fixture
def read(nodes_file):
    return lambda text: loads(text, nodes_files=[nodes_file])


def mistakes(text, **more):
    with pytest.raises(PatchError) as error:
        loads(text, **more)
    return error.value.problems


def tree(text):
    mistakes = Mistakes(SourceText("x.yaml", text))
    found = parse(mistakes)
    mistakes.raise_all()
    return found


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_broken_patch_gives_its_message(path, monkeypatch):
    monkeypatch.chdir(BROKEN)
    with pytest.raises(PatchError) as error:
        load(path.name)
    assert str(error.value) + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_broken_patch_has_its_message():
    assert {path.stem for path in BROKEN.glob("*.yaml")} == {path.stem for path in BROKEN.glob("*.txt")}
    assert len(list(BROKEN.glob("*.yaml"))) > 100


def test_a_patch_becomes_nodes_and_cables(read):
    graph = read("""
name: Small
doc: Two nodes.
block: 32
rate: 44.1 kHz
nodes:
  osc:  {node: Tone, freq: A3}
  tone: {node: Tone, audio: osc, freq: osc.pitch, level: -20 dB, time: 10 ms, tune: 700 cents}
out: tone
""")
    assert (graph.name, graph.block, graph.rate) == ("Small", 32, 44_100)
    assert list(graph.nodes) == ["osc", "tone"]
    osc, tone = graph.nodes.values()
    assert graph.out == Cable(tone, "out")
    assert osc.inputs["freq"] == pytest.approx(220)
    assert tone.inputs["audio"] == Cable(osc, "out")
    assert tone.inputs["freq"] == Cable(osc, "pitch")
    assert tone.inputs["level"] == pytest.approx(0.1)
    assert tone.inputs["time"] == pytest.approx(0.01)
    assert tone.inputs["tune"] == pytest.approx(7)


def test_the_order_in_the_file_is_free(read):
    graph = read("out: tone\nnodes:\n  tone: {audio: osc * 2, node: Tone}\n  osc: {node: Tone}\n")
    product = graph.nodes["tone"].inputs["audio"].node
    assert isinstance(product, Multiply)
    assert product.inputs == {"a": Cable(graph.nodes["osc"], "out"), "b": 2.0}


def test_a_node_that_reaches_no_output_stays_in_the_graph(read):
    assert "aside" in read("nodes: {osc: {node: Tone}, aside: {node: Tone}}\nout: osc").nodes


def test_a_list_sums(read):
    out = read("nodes: {a: {node: Tone}, b: {node: Tone}}\nout: [a, b * 2, 0.5]").out.node
    assert isinstance(out, Add)
    assert out.inputs["b"] == 0.5
    assert isinstance(out.inputs["a"].node, Add)


def test_a_mapping_sums_with_levels(read):
    graph = read("nodes: {a: {node: Tone}, b: {node: Tone}}\nout: {a: -20 dB, b: a * 0.5, a.out: 0 dB}")
    total = graph.out.node
    assert isinstance(total, Add)
    assert total.inputs["b"] == Cable(graph.nodes["a"], "out"), "0 dB needs no node"
    first, second = (total.inputs["a"].node.inputs[port].node for port in "ab")
    assert isinstance(first, Gain)
    assert first.inputs["gain"] == pytest.approx(0.1)
    assert isinstance(second.inputs["gain"].node, Multiply)


def test_a_list_of_events_merges_them(read):
    graph = read("""
nodes:
  a: {node: MidiIn}
  b: {node: Notes}
  c: {node: Notes, notes: A2}
  voices: {node: VoiceAllocator, events: [a, [b, c]], polyphony: 1}
  alone: {node: VoiceAllocator, events: [c]}
out: voices.gate
""")
    merge = graph.nodes["voices"].inputs["events"].node
    assert isinstance(merge, Merge)
    assert merge.inputs["a"] == Cable(graph.nodes["a"], "out")
    assert isinstance(merge.inputs["b"].node, Merge)
    assert graph.nodes["alone"].inputs["events"] == Cable(graph.nodes["c"], "out")


def test_lists_and_sends_nest(read):
    out = read("nodes: {a: {node: Tone}, b: {node: Tone}}\nout: [{a: -6 dB}, [b, a]]").out.node
    assert isinstance(out.inputs["a"].node, Gain)
    assert isinstance(out.inputs["b"].node, Add)


def test_beats_use_the_nodes_own_clock_once(read):
    graph = read("""
nodes:
  beat: {node: Beat}
  one: {node: Tone, time: 3/8 beats, freq: 1/4 beats, clock: beat}
  two: {node: Tone, time: 1 beats, clock: beat}
out: [one, two]
""")
    one, two = graph.nodes["one"], graph.nodes["two"]
    length = one.inputs["time"].node
    assert isinstance(length, Multiply)
    assert length.inputs["b"] == 0.375
    assert isinstance(length.inputs["a"].node, SecondsPerBeat)
    assert length.inputs["a"].node.inputs["clock"] == Cable(graph.nodes["beat"], "out")
    assert isinstance(one.inputs["freq"].node, Divide)
    assert two.inputs["time"] == length.inputs["a"], "one beat is the clock's own measure, and shared"


def test_options_are_read_by_their_type(read):
    graph = read("""
nodes:
  tone:
    node: Tone
    size: 4
    width: 70%
    loop: true
    mode: hard
    text: |
      C4 1
      E4 on
  plain: {node: Tone, size: 010, text: 12:30}
out: tone
""")
    options = graph.nodes["tone"].options
    assert (options["size"], options["width"], options["loop"], options["mode"]) == (4, 0.7, True, "hard")
    assert options["text"] == "C4 1\nE4 on\n"
    assert graph.nodes["plain"].options["size"] == 10
    assert graph.nodes["plain"].options["text"] == "12:30"


def test_a_file_is_found_beside_the_patch(tmp_path, nodes_file):
    (tmp_path / "sub").mkdir()
    patch = tmp_path / "sub" / "x.yaml"
    patch.write_text("nodes: {tone: {node: Tone, file: song.mid}}\nout: tone")
    graph = load(patch, nodes_files=[nodes_file])
    assert graph.nodes["tone"].options["file"] == str(tmp_path / "sub" / "song.mid")


def test_events_and_clocks_are_cables(read):
    graph = read(
        "nodes: {tone: {node: Tone, events: keys, clock: beat}, keys: {node: Keys}, beat: {node: Beat}}\nout: tone"
    )
    assert graph.nodes["tone"].inputs["events"] == Cable(graph.nodes["keys"], "out")
    assert graph.nodes["tone"].inputs["clock"] == Cable(graph.nodes["beat"], "out")


def test_quotes_keep_yaml_from_reading_an_expression(read):
    graph = read("nodes: {a: {node: Tone}, b: {node: Tone, audio: '-a', level: \"a * 2\"}}\nout: b")
    assert isinstance(graph.nodes["b"].inputs["audio"].node, Multiply)


def test_a_chain_of_five_thousand_nodes_loads():
    lines = ["nodes:", "  n0: {node: Gain}", *(f"  n{i}: {{node: Gain, audio: n{i - 1}}}" for i in range(1, 5000))]
    assert len(loads("\n".join([*lines, "out: n4999"])).nodes) == 5000


def test_feedback_closes_a_cycle():
    nodes = "{a: {node: Gain, audio: back * 0.5 + b}, b: {node: Constant}, back: {node: Feedback, audio: a}}"
    graph = loads(f"nodes: {nodes}\nout: a")
    assert graph.nodes["back"].inputs["audio"] == Cable(graph.nodes["a"], "out")


def test_all_mistakes_come_at_once_in_the_order_of_the_file():
    problems = mistakes("nam: x\nnodes:\n  a: {node: Gian}\n  b: {node: Gain, gian: 2, audio: 3 hz}\nout: c\n")
    assert [problem.line for problem in problems] == [1, 3, 4, 4, 5]


def test_one_mistake_is_not_reported_again_by_its_consequences():
    assert len(mistakes("nodes:\n  a: {node: Nothing}\n  b: {node: Gain, audio: -a + a.x * 2}\nout: [a, b]")) == 1
    assert len(mistakes("nodes:\n  my-a: {node: Gain}\nout: my-a * 2")) == 1
    assert len(mistakes("node:\n  a: {node: Gain}\nout: a")) == 1


def test_a_broken_clock_cable_is_reported_once(nodes_file):
    text = "nodes: {one: {node: Tone, time: 1 beats, clock: beet}, beat: {node: Beat}}\nout: one"
    assert [p.message for p in mistakes(text, nodes_files=[nodes_file])] == [
        "there is no node 'beet'. Did you mean 'beat'?"
    ]


def test_thousands_of_mistakes_are_cut_short():
    text = "nodes:\n" + "".join(f"  n{i}: {{node: Gian}}\n" for i in range(3000)) + "out: n1"
    assert len(mistakes(text)) == 101


def test_the_quoted_part_of_a_line_is_bounded():
    for text in ("out: " + "x" * 5_000_000, "nodes: {a: {node: Gain}}\nout: C" + "1" * 5000, "x" * 5_000_000 + ": 1"):
        for problem in mistakes(text):
            assert len(str(problem)) < 2000


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{" * 100_000, "a: " * 3 + "[{" * 60_000], ids=["lists", "maps", "both"]
)
def test_deep_nesting_is_refused(text):
    assert mistakes("nodes: " + text)


def test_an_alias_bomb_is_refused():
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert "patches do not support" in mistakes(bomb)[1].message


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(PatchError, match="200 MB; the limit for a patch is 10 MB"):
        load(path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.mkdir(), "this is a folder, not a patch"),
        (lambda path: path.write_bytes(b""), "the patch is empty"),
        (lambda path: path.write_bytes("name: x".encode("utf-16")), "not UTF-8"),
        (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
        (lambda _path: None, "no such patch"),
    ],
)
def test_anything_but_a_regular_file_is_refused(tmp_path, make, message):
    path = tmp_path / "x.yaml"
    make(path)
    with pytest.raises(PatchError, match=message):
        load(path)


def test_a_missing_patch_names_the_closest_match(tmp_path):
    (tmp_path / "bass.yaml").write_text("")
    with pytest.raises(PatchError) as error:
        load(tmp_path / "basss.yaml")
    assert f"Did you mean '{tmp_path / 'bass.yaml'}'?" in str(error.value)


def test_bundled_patches_are_found_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = BROKEN.parent / "neon.yaml"
    assert bundled("neon") == bundled("neon.yaml") == bundled("patches/neon.yaml") == find("neon") == there
    assert bundled("broken/alias") == BROKEN / "alias.yaml"
    assert bundled("../neon") is None
    assert bundled("x" * 5000) is None
    with pytest.raises(PatchError, match="Did you mean 'neon'"):
        find("neom")


def test_a_file_takes_precedence_over_a_bundled_patch_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("neon").write_text("nodes: {a: {node: Gain}}\nout: a")
    assert list(load("neon").nodes) == ["a"]


def test_values_are_set_by_name(read):
    graph = read("nodes: {a: {node: Tone}, b: {node: Tone, audio: a}}\nout: b")
    set_values(graph, {"a.freq": "1.2 kHz", "b.level": "-6 dB", "b.size": "3", "a.mode": "hard"})
    assert graph.nodes["a"].inputs["freq"] == 1200
    assert graph.nodes["b"].inputs["level"] == pytest.approx(0.501187)
    assert graph.nodes["b"].options["size"] == 3
    assert graph.nodes["a"].options["mode"] == "hard"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("c.freq", "1", "there is no node 'c'"),
        ("tome.freq", "1", "there is no node 'tome'. Did you mean 'tone'?"),
        ("tone.fre", "1", "has no input 'fre' that takes a number. Did you mean 'freq'?"),
        ("freq", "1", "write NODE.PORT"),
        ("tone.freq", "5", "tone.freq: 5 Hz is outside 20 .. 20000 Hz"),
        ("tone.freq", "10 ms", "tone.freq takes a frequency (Hz), but `10 ms` is a time (s)"),
        ("tone.freq", "", "a value is missing"),
        ("tone.freq", "osc", "a number is needed here, not `osc`"),
        ("tone.time", "1 beats", "tone.time cannot be in beats: write a plain number"),
        (
            "tone.audio",
            "1",
            "tone.audio is driven by osc.out and cannot be set: connect a Constant or a Control instead",
        ),
        ("tone.events", "1", "has no input 'events' that takes a number"),
        ("tone.size", "99", "tone.size: 99 is outside 1 .. 16"),
        ("tone.mode", "sof", "tone.mode: 'sof' is not a choice. Did you mean 'soft'?"),
    ],
)
def test_a_value_that_cannot_be_set_says_why(read, path, value, message):
    graph = read("nodes: {osc: {node: Tone}, tone: {node: Tone, audio: osc}}\nout: tone")
    with pytest.raises(PatchError) as error:
        set_values(graph, {path: value})
    assert message in str(error.value)


def test_load_sets_values_and_checks_again(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("nodes: {a: {node: Constant}}\nout: a")
    assert load(path, set_values={"a.value": "3 kHz"}).nodes["a"].inputs["value"] == 3000


def test_scalars_stay_text_with_their_places():
    found = tree("a: on\nb: [1e3, '12:30', \"x\"]\nc:\n  d: yes\n")
    assert isinstance(found, Mapping)
    values = {key.text: value for key, value in found.entries}
    assert values["a"] == Scalar("on", None, 1, 4)
    assert isinstance(values["b"], Sequence)
    assert [(item.text, item.quoted, item.column) for item in values["b"].items] == [
        ("1e3", False, 5),
        ("12:30", True, 10),
        ("x", True, 19),
    ]
    assert isinstance(values["c"], Mapping)
    assert values["c"].entries[0][1] == Scalar("yes", None, 4, 6)


def test_the_pure_python_parser_reads_the_same(monkeypatch):
    text = (BROKEN.parent / "neon.yaml").read_text(encoding="utf-8")
    fast = tree(text)
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert tree(text) == fast


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffnodes:\r\n  a: {node: Gain}\r\nout: b\r\n".encode())
    with pytest.raises(PatchError) as error:
        load(path)
    assert (error.value.problems[0].line, error.value.problems[0].column) == (3, 6)
    assert error.value.problems[0].source == "out: b"


def test_too_many_values_are_refused(monkeypatch):
    monkeypatch.setattr(yaml_tree, "MAX_VALUES", 50)
    assert mistakes("nodes: [" + "a, " * 60 + "]")[0].message == "the patch has more than 50 values"


def test_loading_imports_nothing_that_only_playing_needs():
    code = (
        "import sys; from graph.graph import loads; loads('nodes: {a: {node: Gain}}\\nout: a'); "
        "print(sorted({'numba', 'llvmlite', 'scipy', 'rich', 'mido', 'soundfile', 'sounddevice'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=BROKEN.parent.parent, capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")


@pytest.mark.parametrize("before", [0, 30, 5_000])
def test_a_message_quotes_a_long_line_around_the_error(before: int) -> None:
    source = "x" * before + "lewel: 2" + "x" * 5_000
    message, line, caret = str(Problem("a.yaml", 1, before + 1, "no 'lewel'", source)).splitlines()
    assert message == f"a.yaml:1:{before + 1}: no 'lewel'"
    assert len(line) < 220
    assert line[caret.index("^") :].startswith("lewel: 2")
