from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from graph import Graph, In, KernelError, Node, NodeError, Out, State, inline, kernel, per_sample
from graph.native.cache import compile_here, node_unit
from graph.native.digest import key
from graph.native.functions import PLAIN
from graph.node.library import load_nodes_file
from graph.testing import block_of, node_contract

compiled_only = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

SCALE = 2.0


@inline
def doubled(x):
    return x * SCALE


@kernel
def _tick(block):
    for frame in range(block.frames):
        block.out[frame, 0] = 7.0


class Typed(Node):
    """Integer and float literals, a module constant and a helper, all with a float32."""

    audio = In(doc="in")
    out = Out(doc="out")
    memory = State(doc="last")

    @per_sample
    def process(audio, memory):
        value = doubled(audio) + 1 - 0.5
        return value / 2, value


@compiled_only
def test_literals_are_weak_so_a_kernel_stays_in_float32() -> None:
    from llvmlite import binding

    from graph.native import compiler

    seen = []
    original = binding.parse_assembly

    def spy(text: str):  # the IR before optimization
        seen.append(text)
        return original(text)

    compiler.llvm.parse_assembly = spy
    try:
        compiler.compile_object(Typed.kernel.entry, "Typed")
    finally:
        compiler.llvm.parse_assembly = original
    arithmetic = [line for line in seen[-1].splitlines() if any(f"= {op} " in line for op in ("fadd", "fmul", "fdiv"))]
    assert arithmetic
    assert not [line for line in arithmetic if "double" in line]


def test_plain_python_and_the_compiled_kernel_agree() -> None:
    audio = np.linspace(-1, 1, 64, dtype=np.float32)
    a, b = block_of(Typed, audio=audio), block_of(Typed, audio=audio)
    Typed.process(a)
    Typed.process.run_plain(b)
    np.testing.assert_allclose(a.out, b.out, atol=1e-6)
    np.testing.assert_allclose(a.out[:, 0], (2 * audio + 0.5) / 2, atol=1e-6)
    assert a.out.dtype == b.out.dtype == np.float32


@compiled_only
@pytest.mark.parametrize(
    ("body", "symptom"),
    [
        ("block.out[0, 0] = np.zeros(block.frames).sum()", "NRT|allocat"),
        ("raise ValueError('no')", "raise|allocate"),
        ("print(1)", "calls Python .print"),
        ("block.out[0, 0] = undefined", "'undefined' is not defined: import or define it at the top"),
    ],
)
def test_a_kernel_that_is_unsafe_on_the_audio_thread_is_refused(body: str, symptom: str, tmp_path: Path) -> None:
    source = f"""
        import numpy as np
        from graph import Node, Out, kernel

        class Rude(Node):
            \"\"\"Does what it must not.\"\"\"
            out = Out(doc="out")

            @kernel
            def process(block):
                {body}
    """
    file = tmp_path / "rude.py"
    file.write_text(textwrap.dedent(source))
    from graph.native.worker import load_module

    module = load_module(f"rude_{abs(hash(body))}", str(file))
    with pytest.raises(KernelError, match=f"(?s)Rude.*({symptom})"):
        compile_here(node_unit(module.Rude))


def run_python(code: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


HELPER = """
from graph import inline

@inline
def shade(x):
    return x * {constant}
"""

USER = '''
from graph import In, Node, Out, per_sample
from my_helper import shade

class Shade(Node):
    """Scales by a helper's constant."""
    audio = In(doc="in")
    out = Out(doc="out")

    @per_sample
    def process(audio):
        return shade(audio)
'''

SHOW = """
    from my_node import Shade
    from graph import Graph
    from graph.node.arithmetic import Add
    print(Graph(Shade(Add(1.0, 0.0))).render(seconds=0.01)[-1, 0])
"""


@pytest.mark.parametrize(("values", "told"), [("audio", "1 value"), ("audio, level, 0.0", "3 values")])
def test_a_process_with_the_wrong_number_of_results_says_what_to_return(values: str, told: str, tmp_path: Path) -> None:
    source = f"""
        from graph import In, Node, Out, State, per_sample

        class Forgetful(Node):
            \"\"\"Follows.\"\"\"
            audio = In(doc="in")
            out = Out(doc="out")
            level = State(doc="last")

            @per_sample
            def process(audio, level):
                return 0.0 + {values}
    """
    file = tmp_path / "forgetful.py"
    file.write_text(textwrap.dedent(source))
    with pytest.raises(
        NodeError, match=f"returns {told}, but its outputs and then its states are 2: return out, level"
    ):
        load_nodes_file(file)


def test_an_edit_of_a_helper_in_another_file_takes_effect_on_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "my_node.py").write_text(USER)
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.25))
    # Python itself takes an edit of the same length in the same second for the file that it has compiled before.
    assert run_python(SHOW, tmp_path, PYTHONDONTWRITEBYTECODE="1") == "0.25"
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.75))
    assert run_python(SHOW, tmp_path) == "0.75"


def test_an_edit_of_a_default_or_of_nested_code_changes_the_key() -> None:
    def keyed(text: str) -> str:
        names: dict = {"inline": inline, "np": np}
        exec(textwrap.dedent(text), names)
        return key(names["f"])

    for text in (
        "@inline\ndef g(x, k={}):\n    return x * k\ndef f(x):\n    return g(x)",
        "@inline\ndef g(x, *, k={}):\n    return x * k\ndef f(x):\n    return g(x)",
        "K = {}\ndef f(x):\n    return (lambda y: y * K)(x)",
        "T = (np.arange(2_000) * {},)\ndef f(x):\n    return x * T[0][1_000]",
        "import enum\nclass E(enum.IntEnum):\n    A = {}\ndef f(x):\n    return x * E.A",
    ):
        assert keyed(text.format(3)) != keyed(text.format(5)), text
        assert keyed(text.format(3)) == keyed(text.format(3)), text


@compiled_only
def test_a_file_that_plays_on_import_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.125))
    plays = "\nfrom graph import Graph\nfrom graph.node.arithmetic import Add\n"
    plays += "Graph(Shade(Add(1.0, 0.0))).render(seconds=0.01)\n"
    (tmp_path / "my_node.py").write_text(USER + plays)
    code = "import graph\ntry:\n    import my_node\nexcept graph.KernelError as error:\n    print(error)"
    assert "__name__ == '__main__'" in run_python(code, tmp_path, GRAPHRUN_CACHE=str(tmp_path / "cache"))


@compiled_only
def test_output_of_a_nodes_file_and_modules_next_to_it_do_not_interfere(tmp_path: Path) -> None:
    (tmp_path / "my_node.py").write_text("print('hello from the file')\n" + USER)
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.375))
    (tmp_path / "show.py").write_text(textwrap.dedent(SHOW))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "signal.py").write_text("raise RuntimeError('the wrong signal')\n")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "show.py")],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GRAPHRUN_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["0.375"], done.stderr


@compiled_only
def test_a_damaged_object_in_the_cache_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "my_node.py").write_text(USER)
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.625))
    cache = tmp_path / "cache"
    assert run_python(SHOW, tmp_path, GRAPHRUN_CACHE=str(cache)) == "0.625"
    objects = list(cache.glob("*.o"))
    for file in objects:
        file.write_bytes(file.read_bytes()[:100])
    assert run_python(SHOW, tmp_path, GRAPHRUN_CACHE=str(cache)) == "0.625"
    assert all(file.stat().st_size > 100 for file in objects)


@compiled_only
def test_a_class_that_workers_cannot_import_is_compiled_in_this_process() -> None:
    made = type("Made", (Node,), {"__doc__": "x", "out": Out(doc="o"), "process": _tick, "__module__": __name__})
    assert Graph(made()).render(seconds=0.001)[0, 0] == 7.0


@compiled_only
def test_a_warm_render_does_not_import_numba(tmp_path: Path) -> None:
    (tmp_path / "my_node.py").write_text(USER)
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.5))
    code = SHOW + "    import sys; print('numba' in sys.modules)"
    assert run_python(code, tmp_path) == "0.5\nFalse"
    assert run_python(code, tmp_path) == "0.5\nFalse"


@compiled_only
def test_an_unwritable_cache_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "my_node.py").write_text(USER)
    (tmp_path / "my_helper.py").write_text(HELPER.format(constant=0.5))
    blocked = tmp_path / "a file"
    blocked.write_text("where the cache's folder should be")
    assert run_python(SHOW, tmp_path, GRAPHRUN_CACHE=str(blocked)) == "0.5"


def test_the_key_follows_code_and_constants_and_ignores_comments() -> None:
    def keyed(text: str) -> str:
        names: dict = {"inline": inline}
        exec(textwrap.dedent(text), names)
        return key(names["f"])

    base = keyed("K = 1.0\ndef f(x):\n    return x * K")
    assert base == keyed("K = 1.0\n# a comment\n\ndef f(x):\n    'docs'\n    return x * K")
    assert base != keyed("K = 1.5\ndef f(x):\n    return x * K")
    assert base != keyed("K = 1.0\ndef f(x):\n    return x + K")
    inner = "@inline\ndef g(x):\n    return x * {}\n\ndef f(x):\n    return g(x)"
    assert keyed(inner.format(2)) != keyed(inner.format(3))


def test_the_contract_suite_catches_a_node_that_depends_on_the_block() -> None:
    class Blocky(Node):
        """Counts blocks, which is not allowed."""

        audio = In(doc="in")
        out = Out(doc="out")
        count = State((1,), doc="blocks")

        @kernel
        def process(block):
            block.count[0] += 1.0
            for frame in range(block.frames):
                for lane in range(block.lanes):
                    block.out[frame, lane] = block.count[0]

    with pytest.raises(AssertionError, match=r"Blocky.out differs by .* for blocks of"):
        node_contract(Blocky)


def test_the_contract_suite_catches_non_finite_output() -> None:
    class Hot(Node):
        """Divides by its input."""

        audio = In(doc="in")
        out = Out(doc="out")

        @per_sample
        def process(audio):
            return 1.0 / audio

    with pytest.raises(AssertionError, match=r"Hot\.out is not finite for silence"):
        node_contract(Hot)


def test_the_contract_suite_requires_docs() -> None:
    class Mute(Node):
        """Does not document its ports."""

        audio = In()
        out = Out(doc="out")

        @per_sample
        def process(audio):
            return audio

    with pytest.raises(AssertionError, match=r"Mute\.audio has no doc="):
        node_contract(Mute)


def test_the_contract_suite_catches_lanes_that_affect_each_other() -> None:
    class Chatty(Node):
        """Adds its neighbor."""

        audio = In(doc="in")
        out = Out(doc="out")

        @kernel
        def process(block):
            for frame in range(block.frames):
                for lane in range(block.lanes):
                    other = (lane + 1) % block.lanes
                    block.out[frame, lane] = block.audio[frame, lane] + block.audio[frame, other]

    with pytest.raises(AssertionError, match=r"Chatty.out differs by .* for lane"):
        node_contract(Chatty)


def test_the_contract_suite_finds_an_index_out_of_range_before_native_code_does() -> None:
    class Beyond(Node):
        """Reads out of range, but only at one end of a port's range."""

        audio = In(doc="in")
        place = In(0, "", 0, 50_000_000, doc="where to read")
        out = Out(doc="out")
        table = State((4,), doc="numbers")

        @kernel
        def process(block):
            for frame in range(block.frames):
                for lane in range(block.lanes):
                    far = 50_000_000 if block.place[frame, lane] > 40_000_000 else 0
                    block.out[frame, lane] = block.table[far]

    class Narrow(Node):
        """Keeps one value for all lanes, and one lane writes next to it."""

        audio = In(doc="in")
        out = Out(doc="out")
        table = State((1,), doc="a number")

        @kernel
        def process(block):
            for frame in range(block.frames):
                for lane in range(block.lanes):
                    block.out[frame, lane] = block.audio[frame, lane] + 0.0 * block.table[lane * 50_000_000]

    for cls in (Beyond, Narrow):
        with pytest.raises(IndexError, match="out of bounds"):
            node_contract(cls)


def test_a_node_is_called_with_its_declared_ports() -> None:
    with pytest.raises(NodeError, match=r"Typed has no input 'adio'\. Did you mean 'audio'\?"):
        Typed(adio=1.0)
    with pytest.raises(NodeError, match=r"typed.audio: a number is needed here, not `loud`"):
        Typed(audio="loud")
    with pytest.raises(NodeError, match="takes audio, not 2 values"):
        Typed(1.0, 2.0)


def test_a_graph_names_nodes_in_order_of_creation() -> None:
    first, second = Typed(1.0), Typed(2.0)
    assert list(Graph(second + first).nodes) == ["typed", "typed_2", "add"]
    assert Graph(second + first).names[first] == "typed"
