"""Argument parsing shared by all commands: short error messages, and frequencies with units."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from graph.errors import did_you_mean

RENAMED = {"--midi-port": "--midi-in"}
"""Options that have changed, and what each is called now."""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that prints errors without the full usage."""

    def error(self, message: str) -> NoReturn:
        """Prints the error and a pointer to --help; exits with status 2. An old option is answered with the new one."""
        for old, new in RENAMED.items():
            if re.search(rf"{old}(?![\w-])", message):
                message = f"'{old}' is now '{new}'"
        unknown = re.match(r"unrecognized arguments: (--[\w-]+)", message)
        if unknown:
            known = [word for action in self._actions for word in action.option_strings if word.startswith("--")]
            message = f"there is no option '{unknown[1]}'.{did_you_mean(unknown[1], known)}".removesuffix(".")
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


def seconds(text: str) -> float:
    """Parses a time of 0 or more: `1.5`, `1.5s`, `250 ms` or `2:30`."""
    found = re.fullmatch(r"(?i)\s*(?:(\d+):)?(\d+(?:\.\d*)?|\.\d+)\s*(s|ms)?\s*", text)
    if not found or (found[1] and found[3] == "ms"):
        raise argparse.ArgumentTypeError(f"expected a time such as 1.5 s or 2:30, got '{text}'")
    return 60 * int(found[1] or 0) + float(found[2]) / (1000 if (found[3] or "").lower() == "ms" else 1)


def decibels(text: str) -> float:
    """Parses a level change: `-3`, `-3dB` or `-3 dB`, -120 to 60."""
    return _level(text, "dB", -120.0, 60.0)


def loudness(text: str) -> float:
    """Parses a loudness: `-14`, `-14LUFS` or `-14 LUFS`, -70 to 0."""
    return _level(text, "LUFS", -70.0, 0.0)


def _level(text: str, unit: str, low: float, high: float) -> float:
    try:
        value = float(re.sub(rf"(?i)\s*{unit}\s*$", "", text))
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"expected {low:g} to {high:g} {unit}, got '{text}'")
    return value


def joined(words: Sequence[str], options: Sequence[str]) -> list[str]:
    """The words, with the value of each of these options attached: argparse would take `-3dB` for an option.

    `--gain -3 dB` becomes `--gain=-3 dB`.
    """
    found: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in options and rest and re.match(r"-?\.?\d", rest[0]):
            word += f"={rest.pop(0)}"
            if rest and re.fullmatch(r"(?i)dB|LUFS", rest[0]):
                word += f" {rest.pop(0)}"
        found.append(word)
    return found
