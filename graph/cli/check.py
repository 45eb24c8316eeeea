"""`graphrun check PATCH...`: checks patches without compiling anything or opening a device."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graph.cli.parser import Parser
from graph.errors import GraphrunError, PatchError, Problem, several
from graph.patch.patch import read
from graph.reference.review import warnings


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun check", description="Check patches for errors and likely mistakes, without playing them."
    )
    made.add_argument("patches", metavar="PATCH", nargs="+", help="patch file, or the name of a bundled patch")
    made.add_argument(
        "--nodes", metavar="FILE.py", action="append", default=[], help="Python file with additional nodes (repeatable)"
    )
    made.add_argument("--json", action="store_true", help="print one JSON object per patch")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun check` with the arguments that follow it."""
    options = parser().parse_args(words)
    status, report = 0, []
    for patch in options.patches:
        mistakes: list[Problem] = []
        doubts: list[Problem] = []
        try:
            found = read(patch, nodes_files=options.nodes)
            doubts = warnings(found)
            if not options.json:
                print(f"{patch}: {several(len(found.shared.named), 'node')}, no errors")
        except PatchError as error:
            mistakes = error.problems
        except GraphrunError as error:
            mistakes = [Problem(patch, 1, 1, str(error))]
        status = 1 if mistakes else status
        if not options.json:
            for problem in mistakes:
                print(problem, file=sys.stderr)
            for problem in doubts:
                print(replace(problem, message=f"warning: {problem.message}"), file=sys.stderr)
        report.append({"patch": patch, "problems": _plain(mistakes), "warnings": _plain(doubts)})
    if options.json:
        print(json.dumps(report))
    return status


def _plain(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"file": p.file, "line": p.line, "column": p.column, "message": p.message} for p in problems]
