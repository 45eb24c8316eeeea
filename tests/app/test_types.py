"""The public interface as seen by editors and type checkers."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

import pytest
from conftest import PROGRAMS, ROOT

import nodes
from graph import Node
from graph.node.ports import In, Option
from graph.node.signature import UNCONNECTED


def test_a_program_is_checked_strictly_and_its_mistakes_are_found() -> None:
    if sys.version_info < (3, 11):
        pytest.skip("typing.assert_type came with Python 3.11")
    words = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir=/dev/null",
        "--ignore-missing-imports",
    ]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(
        [*words, "--ignore-missing-imports", "--follow-imports=silent", str(PROGRAMS / "typed.py")],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        cwd=PROGRAMS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", dir(nodes))
def test_the_signature_of_a_node_lists_its_inputs_and_options_with_their_defaults(name: str) -> None:
    cls: type[Node] = getattr(nodes, name)
    parameters = inspect.signature(cls).parameters
    declared = {key: field for key, field in cls.fields.items() if isinstance(field, In | Option)}
    assert list(parameters) == [*declared, "name"]
    for key, field in declared.items():
        expected = UNCONNECTED if field.default is None else field.default
        assert parameters[key].default == expected


def test_an_input_without_a_number_reads_as_unconnected() -> None:
    assert str(inspect.signature(nodes.LowPass)) == "(audio=unconnected, cutoff=1000, q=0.707, *, name=None)"
