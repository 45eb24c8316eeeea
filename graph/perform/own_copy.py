"""A copy of a bundled patch for commands that write into a patch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph.errors import GraphrunError
from graph.language.source import read_source
from graph.media.raw_file import free_name
from graph.patch.bundle import find

_SCHEMA = "# yaml-language-server:"


def own_copy(patch: str | Path, ask: Callable[[str], str] = input) -> Path:
    """[control] The patch's file; for a bundled patch a copy in this directory, made if the user agrees.

    Answers of `ask` that agree are nothing, `y` and `yes`. GraphrunError if the user declines, or there is no input.
    """
    if Path(patch).is_file():
        return Path(patch)
    source = find(patch)
    target = free_name(Path(source.name))
    try:
        answer = ask(f"'{patch}' is a bundled patch, which stays as it is. Copy it to {target} and change that? [Y/n] ")
    except EOFError:
        print()
        answer = "n"
    if answer.strip().lower() not in ("", "y", "yes"):
        raise GraphrunError(f"'{patch}' is a bundled patch and cannot be changed: copy {source} and play the copy")
    lines = read_source(source, str(source)).text.splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith(_SCHEMA))  # its path leads nowhere from here
    target.write_text(text, encoding="utf-8", newline="")
    return target
