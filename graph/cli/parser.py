"""Argument parsing shared by all commands: short error messages, and frequencies with units."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

RENAMED = {"--midi-port": "--midi-in"}
"""Options that have changed, and what each is called now."""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that prints errors without the full usage."""

    def error(self, message: str) -> NoReturn:
        """Prints the error and a pointer to --help; exits with status 2. An old option is answered with the new one."""
        for old, new in RENAMED.items():
            if re.search(rf"{old}(?![\w-])", message):
                message = f"'{old}' is now '{new}'"
        print(f"{self.prog}: {message}\n{self.prog} --help shows all options", file=sys.stderr)
        sys.exit(2)


class Version(argparse.Action):
    """`--version`; reads the package metadata only when requested."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, *_: object) -> NoReturn:
        """Prints the version and exits."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"graphrun {version('graphrun')}")
        except PackageNotFoundError:
            print("graphrun (running from source, not installed)")
        sys.exit(0)


def positive(text: str) -> float:
    """A positive number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got '{text}'") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got '{text}'")
    return int(value) if value == int(value) else value


def hertz(text: str) -> float:
    """Parses a frequency in Hz: `48000`, `44.1kHz` or `44.1 kHz`."""
    number, kilo = re.subn(r"(?i)\s*k(hz)?\s*$", "", text)
    value = positive(re.sub(r"(?i)\s*hz\s*$", "", number))
    return round(value * 1000, 6) if kilo else value
