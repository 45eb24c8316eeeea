"""The contract suite for every node."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from every_node import FILES, NEEDS, NODES

from graph import Node
from graph.testing import node_contract


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
            assert (ROOT / "tests" / "nodes_each" / f"test_node_{snake_case(name)}.py").exists(), name


def test_a_node_file_is_a_page() -> None:
    for file in (ROOT / "nodes").glob("*.py"):
        assert len(file.read_text().splitlines()) <= 120, file.name


def test_every_port_of_every_node_can_be_read_as_a_cable() -> None:
    for cls in NODES.values():
        node: Node = cls()
        for name in (*cls.ins(), *cls.outs()):
            assert str(node.cable(name)).endswith(f".{name}")
