"""The command line: `graphrun PATCH` and its subcommands, each a module with its own `main`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

from graph.errors import GraphrunError, nearest
from graph.patch.bundle import bundled, bundled_names, exists

COMMANDS = {
    "bench": "graph.cli.bench",
    "check": "graph.cli.check",
    "devices": "graph.cli.devices",
    "doctor": "graph.cli.doctor",
    "nodes": "graph.cli.nodes",
    "schema": "graph.cli.schema",
    "show": "graph.cli.show",
}
"""The module of each command; its `main(words)` takes the arguments after the command, returns the exit status."""

RUN = "graph.cli.run"
"""The command assumed when none is given: `graphrun PATCH`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; exit status 0: success, 1: error in a patch, file or device, 2: usage, 130: Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminated)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _terminated)  # the terminal closed: finish any recording
    try:
        if not words:
            from graph.cli.welcome import welcome

            print(welcome())
            return 0
        command = COMMANDS.get(words[0])
        if not command and (meant := _meant(words[0])):
            print(f"there is no command '{words[0]}'. Did you mean `graphrun {meant}`?", file=sys.stderr)
            return 2
        status: int = import_module(command or RUN).main(words[1:] if command else words)
        return status
    except GraphrunError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"{place}{error.strerror or error}", file=sys.stderr)
        return 1


def _meant(word: str) -> str:
    """The command that `word` misspells, or "" for a patch, an option, or a word closer to a patch's name."""
    if not word.isalpha() or exists(Path(word)) or bundled(word):
        return ""
    near = nearest(word, [*COMMANDS, *bundled_names()], cutoff=0.7)
    return near if near in COMMANDS else ""


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Raises an exception, so that a partial file is removed during cleanup."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
