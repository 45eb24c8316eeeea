"""`graphrun nodes [NAME]`: the node reference."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from graph.cli.parser import Parser
from graph.node.library import Library
from graph.reference.catalog import described, page, table

OWN = f"To write a node of your own, read {Path(__file__).parents[2] / 'nodes' / 'WRITING.md'}"
"""The page lies beside the bundled nodes, in a checkout and in an installation."""


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun nodes` with the arguments that follow it."""
    options = parser().parse_args(words)
    library = Library(options.nodes)
    if options.name:
        cls = library.find(options.name)
        print(json.dumps(described(cls)) if options.json else page(cls))
    else:
        classes = list(library.all_nodes().values())
        print(json.dumps([described(cls) for cls in classes]) if options.json else table(classes))
    return 0


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(prog="graphrun nodes", description="List all nodes, or describe one.", epilog=OWN)
    made.add_argument("name", metavar="NAME", nargs="?", help="node class, such as LowPass")
    made.add_argument(
        "--nodes", metavar="FILE.py", action="append", default=[], help="Python file with additional nodes (repeatable)"
    )
    made.add_argument("--json", action="store_true", help="print the reference as JSON")
    return made
