"""Trims of single drums, as on a mixing desk: `cowbell: level 0.5 tune -2 pan 0.3, clap: group percussion`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import NodeError, did_you_mean
from nodes.dsp.drums.kit import GROUP, GROUPS, LEVEL, PAN, layout, tables

RANGES = {"level": (0.0, 4.0), "tune": (-24.0, 24.0), "pan": (-1.0, 1.0)}


def parse_trims(text: str, names: list[str]) -> dict[str, dict[str, float]]:
    """Settings of each drum in `text`, by drum name."""
    found: dict[str, dict[str, float]] = {}
    for entry in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        name, colon, rest = (part.strip() for part in entry.partition(":"))
        words = rest.split()
        if not (colon and words and len(words) % 2 == 0):
            raise NodeError(f"'{entry}' is not a trim; write `cowbell: level 0.5 tune -2 pan 0.3 group hats`")
        if name not in names:
            raise NodeError(f"the kit has no '{name}'.{did_you_mean(name, names)} It has: {', '.join(names)}")
        if name in found:
            raise NodeError(f"'{name}' appears twice; put its settings into one entry")
        found[name] = {word: _number(word, value) for word, value in zip(words[::2], words[1::2], strict=True)}
    return found


def _number(word: str, value: str) -> float:
    if word == "group":
        if value not in GROUPS:
            raise NodeError(f"'{value}' is not a drum group.{did_you_mean(value, GROUPS)} Groups: {', '.join(GROUPS)}")
        return float(GROUPS.index(value))
    if word not in RANGES:
        known = (*RANGES, "group")
        raise NodeError(f"drums have no setting '{word}'.{did_you_mean(word, known)} Write {', '.join(known)}")
    low, high = RANGES[word]
    try:
        number = float(value)
    except ValueError:
        raise NodeError(f"{word} should be a number, not '{value}'") from None
    if not low <= number <= high:
        raise NodeError(f"{word} {value} is outside {low:g} .. {high:g}")
    return number


def trimmed(options: Mapping[str, Any], label: str) -> dict[str, Any]:
    """[control] Tables of the kit named in the options, with its trims applied."""
    kit, trim = options["kit"], options["trim"]
    drums = list(layout(kit)[0])
    names = [drum.removeprefix("standard ") if drum.removeprefix("standard ") not in drums else drum for drum in drums]
    try:
        wanted = parse_trims(trim, names)
    except NodeError as error:
        raise NodeError(f"{label}.trim: {error}") from None
    ratios, weights, table, keys = tables(kit)
    table, keys = table.copy(), keys.copy()
    for name, words in wanted.items():
        drum = names.index(name)
        table[drum, LEVEL] = words.get("level", 1.0)
        table[drum, PAN] = words.get("pan", table[drum, PAN])
        table[drum, GROUP] = words.get("group", table[drum, GROUP])
        keys[keys[:, 0] == drum, 1] += words.get("tune", 0.0)
    return {"ratios": ratios, "weights": weights, "table": table, "keys": keys}
