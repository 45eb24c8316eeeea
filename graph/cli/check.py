"""`graphrun check [PATCH...] [--nodes FILE.py]`: checks patches, and compiles and tries the nodes of a file."""

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
        prog="graphrun check",
        description="Check patches for errors and likely mistakes, without playing them. "
        "Node files are compiled and tried on test signals.",
    )
    made.add_argument("patches", metavar="PATCH", nargs="*", help="patch file, or the name of a bundled patch")
    made.add_argument(
        "--nodes",
        metavar="FILE.py",
        action="append",
        default=[],
        help="Python file with additional nodes, checked too (repeatable)",
    )
    made.add_argument("--json", action="store_true", help="print one JSON object per node file and patch")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun check` with the arguments that follow it."""
    arguments = parser()
    options = arguments.parse_args(words)
    if not options.patches and not options.nodes:
        arguments.error("give a PATCH, or --nodes FILE.py")
    report, usable = _Report(options.json), []
    if options.nodes:
        from graph.cli.check_nodes import check_nodes

        for file in check_nodes(options.nodes):
            usable += [file.path] if file.classes else []
            report.add("nodes", file.path, file.mistakes, file.warnings, len(file.classes))
    for patch in options.patches if len(usable) == len(options.nodes) else ():
        try:
            found = read(patch, nodes_files=options.nodes)
            report.add("patch", patch, [], warnings(found), len(found.shared.named))
        except PatchError as error:
            report.add("patch", patch, error.problems, [], 0)
        except GraphrunError as error:
            report.add("patch", patch, [Problem(patch, 1, 1, str(error))], [], 0)
    if options.json:
        print(json.dumps(report.entries))
    return report.status


class _Report:
    """Prints what was found in each file, or keeps it for `--json`."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.status = 0
        self.entries: list[dict[str, Any]] = []

    def add(self, kind: str, file: str, mistakes: Sequence[Problem], doubts: Sequence[Problem], nodes: int) -> None:
        """Adds one file, a "patch" or a file of "nodes"."""
        self.status = 1 if mistakes else self.status
        self.entries.append({kind: file, "problems": _plain(mistakes), "warnings": _plain(doubts)})
        if self.as_json:
            return
        if not mistakes:
            print(f"{file}: {several(nodes, 'node')}, no errors")
        for problem in mistakes:
            print(problem, file=sys.stderr)
        for problem in doubts:
            print(replace(problem, message=f"warning: {problem.message}"), file=sys.stderr)


def _plain(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"file": p.file, "line": p.line, "column": p.column, "message": p.message} for p in problems]
