"""Pattern files: `patterns:` and `fills:`, each a name with its lanes, length, feel and origin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from graph import NodeError, did_you_mean
from graph.language import (
    Mapping,
    MistakeError,
    Mistakes,
    NotedError,
    Scalar,
    SourceText,
    Tree,
    parse,
    read_source,
    scalar,
)
from graph.patch import bundled_files
from nodes.dsp.patterns.drum_notation import Lane, parse_lane, parse_lanes

PATTERNS, FILLS = "patterns", "fills"
MOST = 256
"""Maximum patterns in a chain."""

FEELS = ("straight", "swung", "triplet", "free")
_NAME = re.compile(r"  (\S[^:#]*):\s*$")
_NUMBER = re.compile(r"\d+(\.\d+|/[1-9]\d*)?")
_METER = re.compile(r"([1-9]\d?)/(1|2|4|8|16|32)")
_SWING = re.compile(r"(\d+(?:\.\d+)?)%(?: of (1/\d+))?")
_KEYS = ("from", "meter", "beats", "tempo", "feel", "swing", "drums")


@dataclass(frozen=True)
class Drumming:
    """A pattern or a fill.

    beats    its length
    bar      beats per bar, from its time signature
    swing    position of the second of two swung steps, 0.5 .. 0.75 of the pair
    step     the step that swings, in beats
    """

    name: str
    lanes: tuple[Lane, ...]
    beats: Fraction
    bar: Fraction = Fraction(4)
    tempo: float = 120.0
    feel: str = "straight"
    swing: float = 0.5
    step: Fraction = Fraction(1, 2)
    origin: str = ""


def inline(text: str, beats: float) -> Drumming:
    """A pattern written in the patch itself."""
    length = Fraction(beats).limit_denominator(1_000)
    return Drumming("", parse_lanes(text, length), length)


def chain(text: str, kind: str, file: str = "") -> list[tuple[Drumming, int]]:
    """Patterns of `rock*3, samba` with their repeat counts; NodeError if one does not exist."""
    found = []
    words = text.split(",")
    if len(words) > MOST:
        raise NodeError(f"there are {len(words)} {kind}; at most {MOST} are allowed")
    for word in words:
        name, star, times = (part.strip() for part in word.partition("*"))
        if star and not (times.isdecimal() and 1 <= int(times[:4]) <= 999):
            raise NodeError(f"'{word.strip()}': write the number of repeats after '*', 1 to 999")
        found.append((find(" ".join(name.split()), kind, file), int(times) if star else 1))
    return found


def find(name: str, kind: str, file: str = "") -> Drumming:
    """A pattern or fill by name, from `file` or the bundled ones."""
    places = [*([Path(file)] if file else []), *bundled_files(PATTERNS)]
    for place in places:
        if name in names(place)[kind]:
            return read(place)[kind][name]
    name = name[:60]
    known = _sorted_names(places, kind)
    some = f" There are {', '.join(known[:8])} and {max(0, len(known) - 8)} more: `graphrun nodes Pattern` lists them"
    hint = did_you_mean(name, known) or some
    raise NodeError(f"there is no {kind[:-1]} '{name}'.{hint}")


def bundled_names() -> dict[str, list[str]]:
    """Names of all bundled patterns and fills."""
    return {kind: _sorted_names(bundled_files(PATTERNS), kind) for kind in (PATTERNS, FILLS)}


def _sorted_names(places: Iterable[Path], kind: str) -> list[str]:
    return sorted({each for place in places for each in names(place)[kind]})


def names(file: Path) -> dict[str, tuple[str, ...]]:
    """Names in a file, found without parsing all of it."""
    return _names(file, _stamp(file))


def read(file: Path) -> dict[str, dict[str, Drumming]]:
    """Patterns and fills of a file; PatchError with every mistake and its position."""
    return _read(file, _stamp(file))


def _stamp(file: Path) -> int:
    """Changes when the file does, so that a file edited during playback is read again."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(256)
def _names(file: Path, stamp: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {PATTERNS: [], FILLS: []}
    section = ""
    for line in _source(file).text.splitlines():
        match = _NAME.fullmatch(line)
        if line[:1].strip() and line[0] != "#":
            section = line.rstrip().rstrip(":")
        elif match and section in found:
            found[section].append(match[1].strip())
    return {kind: tuple(each) for kind, each in found.items()}


@lru_cache(256)
def _read(file: Path, stamp: int) -> dict[str, dict[str, Drumming]]:
    mistakes = Mistakes(_source(file))
    found: dict[str, dict[str, Drumming]] = {PATTERNS: {}, FILLS: {}}
    top = parse(mistakes)
    for section, entries in top.entries if isinstance(top, Mapping) else []:
        if section.text not in found or not isinstance(entries, Mapping):
            message = f"a pattern file contains `patterns:` and `fills:`, not `{section.text}`"
            mistakes.add(section, message)
            continue
        for name, entry in entries.entries:
            with mistakes.at(name):
                found[section.text][name.text] = _drumming(mistakes, name, entry)
    mistakes.raise_all()
    return found


def _source(file: Path) -> SourceText:
    return read_source(file, str(file))


def _drumming(mistakes: Mistakes, name: Scalar, entry: Tree) -> Drumming:
    words = {key.text: (key, value) for key, value in entry.entries} if isinstance(entry, Mapping) else {}
    count = len(mistakes.found)
    for word, (key, _) in words.items():
        if word not in _KEYS:
            mistakes.add(key, f"a pattern has no '{word}'.{did_you_mean(word, _KEYS)}")

    def text(word: str, default: str, form: re.Pattern[str] | None, wanted: str) -> str:
        key, value = words.get(word, (name, Scalar(default, None, name.line, name.column)))
        if not isinstance(value, Scalar) or (form is not None and not form.fullmatch(value.text)):
            mistakes.add(key, f"`{word}` is {wanted}")
            return default
        return value.text

    meter = _METER.fullmatch(text("meter", "4/4", _METER, "a time signature such as 6/8"))
    swing = _SWING.fullmatch(text("swing", "50%", _SWING, "such as 62% of 1/4: where the second step of a pair falls"))
    assert meter is not None
    assert swing is not None
    bar = Fraction(int(meter[1]) * 4, int(meter[2]))
    beats = Fraction(text("beats", str(bar), _NUMBER, "the length in beats, such as 8")) or bar
    feel = text("feel", "straight", None, f"one of {', '.join(FEELS)}")
    lanes = words.get("drums", (name, None))[1]
    drums: list[Lane] = []
    for drum, marks in lanes.entries if isinstance(lanes, Mapping) else []:
        word, _, own = drum.text.partition("(")
        with mistakes.at(marks):
            text_of = scalar(marks, f"lane '{drum.text}' is written as marks, such as x...x...").text
            drums.append(parse_lane(word.strip(), text_of, beats, own.rstrip(") ") if own else None))
    if not drums and len(mistakes.found) == count:
        raise MistakeError(name, f"'{name.text}' has no `drums:`")
    if len(mistakes.found) > count:
        raise NotedError
    percent, step = float(swing[1]) / 100, Fraction(swing[2] or "1/2")
    if not 0.5 <= percent <= 0.75 or feel not in FEELS or beats > 256:
        said = f"swing is 50% to 75%, feel one of {', '.join(FEELS)}, and a pattern has at most 256 beats"
        raise MistakeError(name, said)
    tempo = float(text("tempo", "120", _NUMBER, "a number in bpm"))
    origin = text("from", "", None, "a line of text")
    return Drumming(name.text, tuple(drums), beats, bar, tempo, feel, percent, step, origin)
