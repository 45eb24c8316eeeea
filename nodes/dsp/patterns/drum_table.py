"""Drum patterns as the table of numbers that the kernel plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any
from zlib import crc32

import numpy as np

from graph import NodeError, PatchError
from nodes.dsp.patterns.drum_notation import MOST_HITS, Hit
from nodes.dsp.patterns.drum_patterns import FILLS, PATTERNS, Drumming, chain, inline

BEAT, LEAN, KEY, VELOCITY, CHANCE, AHEAD = range(6)
"""Columns of a hit: LEAN is its shift in beats at full swing, AHEAD the seconds by which it precedes its beat."""

FIRST, COUNT, LENGTH, BAR, SLICES, DRAWN = range(6)
"""Columns of a part: first hit, number of hits, length of a pass in beats, and beats per bar. In random direction the
passes are slices of the pattern: their number, and the part that is the first of them."""


def unrolled(drumming: Drumming, turns: int = 1) -> tuple[list[Hit], Fraction]:
    """Hits of a pattern in order, and its length. Shorter lanes repeat within it.

    With 0 turns it lasts until all lanes end together.
    """
    beats = drumming.beats * turns
    lanes = [lane.beats for lane in drumming.lanes]
    if turns == 0:
        bottom = lcm(*(each.denominator for each in (drumming.beats, *lanes)))
        top = lcm(*(int(each * bottom) for each in (drumming.beats, *lanes)))
        beats = Fraction(top, bottom)
    count = sum(len(lane.hits) * beats / lane.beats for lane in drumming.lanes)
    if count > MOST_HITS:
        why = f"the lanes realign only after {float(beats):g} beats: " if turns == 0 else ""
        raise NodeError(f"{why}{int(count)} hits; at most {MOST_HITS} are allowed")
    hits = []
    for lane in drumming.lanes:
        for turn in range(-int(-beats // lane.beats)):
            for hit in lane.hits:
                at = hit.beat + turn * lane.beats
                if at < beats:
                    hits.append(replace(hit, beat=at))
    return sorted(hits, key=lambda hit: hit.beat), beats


def directed(pieces: Sequence[tuple[Drumming, int]], direction: str) -> list[tuple[Drumming, list[Hit], Fraction]]:
    """Each pattern of a chain with its hits and length, in a direction.

    Backward a hit is where its mark ends forward; there and back is forward and then backward, so that bars stay whole.
    """
    forward = [(drumming, *unrolled(drumming, turns)) for drumming, turns in pieces]
    backward = []
    for drumming, hits, beats in reversed(forward):
        mirrored = [replace(hit, beat=max(beats - hit.beat - hit.width, Fraction(0))) for hit in hits]
        backward.append((drumming, sorted(mirrored, key=lambda hit: hit.beat), beats))
    return {"backward": backward, "ping_pong": [*forward, *backward]}.get(direction, forward)


def table(
    entries: Sequence[tuple[Drumming, int]],
    fills: Sequence[Drumming],
    levels: Sequence[float],
    step: float,
    direction: str = "forward",
) -> Mapping[str, Any]:
    """States of `Pattern`: part 0 is the whole chain, then its patterns, the fills, and the random slices."""
    rows: list[list[float]] = []
    parts: list[list[float]] = []

    def swung(at: float, swing: float, step: float) -> float:
        pair = 2 * step
        within = at % pair
        return at + (2 * swing - 1) * min(within, pair - within)

    def part(pieces: Sequence[tuple[Drumming, int]], direction: str = direction) -> None:
        first, start = len(rows), 0.0
        for drumming, hits, beats in directed(pieces, direction):
            for hit in hits:
                at = start + swung(float(hit.beat), drumming.swing, float(drumming.step))
                lean = swung(at, 1.0, step) - at
                rows.append([at, lean, hit.key, levels[hit.level], hit.chance, hit.ahead])
            start += float(beats)
        parts.append([first, len(rows) - first, start, float(pieces[0][0].bar), 0, 0])
        if len(rows) > MOST_HITS:
            raise NodeError(f"{len(rows)} hits; at most {MOST_HITS} are allowed")

    alone = len(entries) == 1 and entries[0][1] == 1
    part([(entries[0][0], 0)] if alone else entries)
    for drumming, _ in entries:
        part([(drumming, 0)])
    for fill in fills:
        part([(fill, 1)], "forward")
    if direction == "random":
        for number in range(len(entries) + 1):
            slice_up(rows, parts, parts[number])
    hits, all_parts = np.array(rows, np.float64).reshape(-1, 6), np.array(parts)
    checksum = crc32(hits.tobytes() + all_parts.tobytes())
    return {
        "hits": hits,
        "parts": all_parts,
        "counts": [len(entries) + 1, len(fills)],
        "place": [0] * 7 + [checksum],
    }


def slice_up(rows: list[list[float]], parts: list[list[float]], part: list[float]) -> None:
    """Splits a part into slices, each a part itself: its beats, or shorter ones if it does not last whole beats."""
    beats = Fraction(part[LENGTH]).limit_denominator(1_000)
    size = 1.0 / beats.denominator
    own = rows[int(part[FIRST]) : int(part[FIRST] + part[COUNT])]
    part[SLICES], part[DRAWN], part[LENGTH] = beats.numerator, len(parts), size
    for number in range(beats.numerator):
        start = number * size
        within = [row for row in own if start - 1e-9 <= row[BEAT] < start + size - 1e-9]
        parts.append([len(rows), len(within), size, part[BAR], 0, 0])
        for row in within:
            at = max(row[BEAT] - start, 0.0)
            rows.append([at, min(row[LEAN], size - at), *row[KEY:]])


def score(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Table for a `Pattern`'s options; NodeError if they cannot be read."""
    try:
        if options["drums"]:
            entries = [(inline(options["drums"], options["beats"]), 1)]
        else:
            entries = chain(options["pattern"], PATTERNS, options["file"])
        fills = [each for each, _ in chain(options["fill"], FILLS, options["file"])] if options["fill"] else []
    except PatchError as error:
        raise NodeError(str(error.problems[0])) from None
    every = options["fill_every"]
    for each in fills:
        if every and any(each.beats > every * entry.bar for entry, _ in entries):
            raise NodeError(f"the fill '{each.name}' is longer than {every} bar{'s' if every > 1 else ''}")
    levels = (options["ghost"], options["velocity"], options["accent"])
    return table(entries, fills if every else [], levels, options["swing_step"], options["direction"])
