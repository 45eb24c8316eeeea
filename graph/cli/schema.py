"""`graphrun schema`: the JSON Schema of patches, for editor completion."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from graph.cli.parser import Parser
from graph.node.library import Library
from graph.reference.schema import schema


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun schema` with the arguments that follow it."""
    options = parser().parse_args(words)
    print(json.dumps(schema(Library(options.nodes).all_nodes().values()), indent=None if options.json else 1))
    return 0


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun schema",
        description="Print the JSON Schema (draft 7) of patches, for completion of nodes and ports in an editor.",
    )
    made.add_argument(
        "--nodes", metavar="FILE.py", action="append", default=[], help="Python file with additional nodes (repeatable)"
    )
    made.add_argument("--json", action="store_true", help="print it on one line, for programs")
    return made
