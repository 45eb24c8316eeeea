"""Names as people type them: without case, spaces, hyphens and underscores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from graph.errors import MusicError, did_you_mean


def folded(text: str) -> str:
    """The letters and digits of a name, in lower case."""
    return re.sub(r"[\s_'-]+", "", text.lower())


def find(text: str, names: Iterable[str], aliases: Mapping[str, str]) -> str | None:
    """The name in a table that a text means, by name or alias; None if there is none."""
    wanted = folded(text)
    known = {**{folded(alias): name for alias, name in aliases.items()}, **{folded(name): name for name in names}}
    return known.get(wanted)


def unknown(what: str, text: str, names: Iterable[str], rest: str) -> MusicError:
    """The error for a word in no table, with a similar one and what else may be written."""
    return MusicError(f"there is no {what} '{text}'.{did_you_mean(text, sorted(names))} {rest}")
