"""Node classes are found by name without importing any others."""

import subprocess
import sys
from pathlib import Path

import pytest

from graph.errors import GraphrunError, NodeError
from graph.node.library import OTHER_NAMES, Library, all_nodes, find, load_nodes_file

ROOT = Path(__file__).parents[2]

CLASS = """
from graph import In, Node, Out, per_sample


class {name}(Node):
    audio = In()
    out = Out()

    @per_sample
    def process(audio):
        return audio
"""


def test_the_frameworks_own_nodes_are_found():
    assert find("Multiply").__module__ == "graph.node.arithmetic"


def test_a_built_in_node_is_found_by_its_class_name():
    assert find("LowPass").__module__ == "nodes.low_pass"


@pytest.mark.parametrize(
    "name", ["Nothing", "low_pass", "Low_Pass", "Node", "Dsp", "In", "", "../x", "os.path", "S" * 5000]
)
def test_other_words_are_not_node_classes(name):
    with pytest.raises(NodeError, match="there is no node class"):
        find(name)


def test_a_misspelled_class_gets_the_closest_match():
    with pytest.raises(NodeError, match="Did you mean 'LowPass'"):
        find("LowPas")


def test_names_come_from_the_folder():
    names = Library().names()
    assert {"Add", "LowPass", "SoftClip", "Constant"} <= set(names)
    assert names == sorted(names)


def test_all_nodes_have_the_names_of_their_files():
    assert all(cls.__name__ == name for name, cls in all_nodes().items())


def test_finding_one_node_imports_no_other():
    code = (
        "import sys; from graph.node.library import find; find('Constant'); "
        "print([m for m in sys.modules if m.startswith('nodes.') or m in ('numba', 'scipy', 'rich')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['nodes.constant']"


def test_a_nodes_file_takes_precedence(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(CLASS.format(name="Whistle") + CLASS.format(name="LowPass"))
    library = Library([path])
    assert library.find("Whistle").__module__ == "graphrun_nodes_mine"
    assert library.find("LowPass").__module__ == "graphrun_nodes_mine"
    assert "Whistle" in library.names()
    with pytest.raises(NodeError, match="Did you mean 'Whistle'"):
        library.find("Wistle")


def test_two_nodes_files_of_the_same_name_stay_separate(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(CLASS.format(name=f"From{folder.upper()}"))
    assert list(load_nodes_file(tmp_path / "a" / "same.py")) == ["FromA"]
    assert list(load_nodes_file(tmp_path / "b" / "same.py")) == ["FromB"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ny = = 2\n", "bad.py:2:5: invalid syntax"),
        ("import math\n\nmath.nothing\n", "bad.py:3:1: AttributeError: module 'math' has no attribute 'nothing'"),
        ("def f():\n    return 1 / 0\n\n\nf()\n", "bad.py:2:5: ZeroDivisionError: division by zero"),
        (
            "from graph import In, Node\n\n\nclass X(Node):\n    frames = In()\n",
            "bad.py:5:5: X.frames: 'frames' is a word",
        ),
        ("x = 1\n", "bad.py: no node class in this file; derive one from graph.Node"),
    ],
)
def test_an_error_in_a_nodes_file_names_its_line(tmp_path, text, message):
    path = tmp_path / "bad.py"
    path.write_text(text)
    for _ in range(2):
        with pytest.raises(GraphrunError) as error:
            load_nodes_file(path)
        assert message in str(error.value)


def test_a_missing_nodes_file_is_named():
    with pytest.raises(GraphrunError, match=r"nowhere\.py: node file not found"):
        load_nodes_file("nowhere.py")


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        *[(word, f"Did you mean '{node}'?") for node, words in OTHER_NAMES.items() for word in words.split()],
        *[
            (word, f"Did you mean '{node}'?")
            for word, node in (("Square", "Pulse"), ("VCF", "LowPass"), ("LFO", "Lfo"))
        ],
        *[(word, "`out:`") for word in ("Output", "Out", "DAC")],
        ("Synth", "VoiceAllocator"),
    ],
)
def test_names_from_other_programs_lead_to_our_nodes(word: str, advice: str) -> None:
    with pytest.raises(NodeError) as error:
        Library().find(word)
    assert advice in str(error.value)


def test_a_star_imports_all_nodes_and_completion_lists_them_without_importing_any():
    code = (
        "import sys, nodes; names = dir(nodes)\n"
        "assert 'LowPass' in names and 'Lfo' in names and 'nodes.low_pass' not in sys.modules, names\n"
        "from nodes import *\nfrom graph.node.library import all_nodes\n"
        "assert all(globals()[name].__name__ == name for name in names)\n"
        "built_in = {n for n, cls in all_nodes().items() if cls.__module__.startswith('nodes.')}\n"
        "assert built_in <= set(names) <= set(all_nodes())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_every_node_that_another_name_leads_to_is_there() -> None:
    assert set(OTHER_NAMES) <= set(Library().names())
