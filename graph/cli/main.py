"""The command line: `graphrun PATCH` and its subcommands, each a module with its own `main`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import NoReturn

from graph.cli.meant import meant
from graph.errors import GraphrunError

COMMANDS = {
    "analyze": "graph.cli.analyze",
    "bench": "graph.cli.bench",
    "check": "graph.cli.check",
    "completion": "graph.cli.completion",
    "convert": "graph.cli.convert",
    "devices": "graph.cli.devices",
    "doctor": "graph.cli.doctor",
    "nodes": "graph.cli.nodes",
    "patches": "graph.cli.patches",
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
        if words[0] == "help":
            return _help(words[1:])
        if words[:2] == ["complete", "--"]:  # asked by the scripts of `graphrun completion`
            from graph.cli.completion import complete

            print("\n".join(complete(words[2:], COMMANDS, RUN)))
            return 0
        if not command and (said := meant(words, list(COMMANDS))):
            print(said, file=sys.stderr)
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


def _help(words: Sequence[str]) -> int:
    """`graphrun help [COMMAND]`: same as `graphrun COMMAND --help`."""
    if words and words[0] not in COMMANDS:
        print(f"there is no command '{words[0]}'. The commands are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    status: int = import_module(COMMANDS[words[0]] if words else RUN).main(["--help"])
    return status


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Raises an exception, so that a partial file is removed during cleanup."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
