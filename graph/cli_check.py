"""`graphrun check PATCH...`: looks for mistakes without compiling anything or opening a device."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from graph.errors import GraphrunError, PatchError
from graph.patch import load


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="graphrun check", description="Looks for mistakes in patches.")
    parser.add_argument("patches", metavar="PATCH", nargs="+")
    parser.add_argument("--nodes", metavar="FILE.py", action="append", default=[], help="Python file with more nodes")
    parser.add_argument("--json", action="store_true", help="print one JSON object about each patch")
    return parser


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun check` with the words after it."""
    options = _parser().parse_args(words)
    status, report = 0, []
    for patch in options.patches:
        problems: list[dict[str, Any]] = []
        try:
            graph = load(patch, nodes_files=options.nodes)
            if not options.json:
                print(f"{patch}: {len(graph.nodes)} nodes, no mistakes")
        except PatchError as error:
            status = 1
            problems = [
                {"file": p.file, "line": p.line, "column": p.column, "message": p.message} for p in error.problems
            ]
            if not options.json:
                print(error, file=sys.stderr)
        except GraphrunError as error:
            status = 1
            problems = [{"file": patch, "line": 1, "column": 1, "message": str(error)}]
            if not options.json:
                print(error, file=sys.stderr)
        report.append({"patch": patch, "problems": problems})
    if options.json:
        print(json.dumps(report))
    return status
