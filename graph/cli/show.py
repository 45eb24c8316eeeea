"""`graphrun show PATCH`: draws a diagram of a patch."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from graph.cli.parser import Parser

FORMATS = ("svg", "png", "dot", "mmd")


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun show` with the arguments that follow it."""
    from graph.graph import load
    from graph.picture.show import show

    options = parser().parse_args(words)
    given: Path = options.output
    file = Path(f"{Path(options.patch).stem}.{given}") if str(given) in FORMATS else given
    graph = load(options.patch, nodes_files=options.nodes)
    show(graph, file)
    if options.json:
        nodes = {name: type(node).__name__ for name, node in graph.nodes.items()}
        print(json.dumps({"patch": options.patch, "file": str(file), "nodes": nodes}))
    else:
        print(file)
    return 0


def parser() -> argparse.ArgumentParser:
    """The argument parser of the command."""
    made = Parser(
        prog="graphrun show",
        description="Draw a patch: signals flow from left to right; thicker cables carry more voices and channels.",
    )
    made.add_argument("patch", metavar="PATCH", help="patch file, or the name of a bundled patch")
    made.add_argument(
        "-o",
        "--out",
        dest="output",
        metavar="FILE",
        type=Path,
        default=Path("svg"),
        help="output file: .svg, .png, .dot or .mmd (Mermaid); or just the format, to name it after PATCH",
    )
    made.add_argument(
        "--nodes", metavar="FILE.py", action="append", default=[], help="Python file with additional nodes (repeatable)"
    )
    made.add_argument("--json", action="store_true", help="print the file and the nodes drawn as JSON")
    return made
