"""How all commands read their words: a mistake is one sentence, and frequencies may have a unit."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are not buried under the usage of all options."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and where to read on; status 2."""
        print(f"{self.prog}: {message}\n{self.prog} --help shows all options", file=sys.stderr)
        sys.exit(2)


class Version(argparse.Action):
    """`--version`; the metadata are read when somebody asks for them."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, *_: object) -> NoReturn:
        """Prints it and ends."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"graphrun {version('graphrun')}")
        except PackageNotFoundError:
            print("graphrun, not installed: it runs from its source")
        sys.exit(0)


def positive(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got '{text}'") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got '{text}'")
    return int(value) if value == int(value) else value


def hertz(text: str) -> float:
    """`48000`, `44.1kHz` or `44.1 kHz`."""
    number, kilo = re.subn(r"(?i)\s*k(hz)?\s*$", "", text)
    value = positive(re.sub(r"(?i)\s*hz\s*$", "", number))
    return round(value * 1000, 6) if kilo else value
