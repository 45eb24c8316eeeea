"""Breakpoint notation, parsed when the graph is built: `0: 200, 4: 2 kHz log, 8: 400 hold`."""

from __future__ import annotations

import re
from typing import NamedTuple

from graph import In, NodeError, did_you_mean
from graph.language import ANY, ExpressionError
from graph.patch import constant

CURVES = ("linear", "log", "smooth", "hold")
LINEAR, LOG, SMOOTH, HOLD = range(4)
MOST = 4096
"""Most points per node."""

_POINT = re.compile(rf"([^:]*):(.*?)({'|'.join(CURVES)}|\b[a-z]{{3,}})?\s*", re.DOTALL)


class Point(NamedTuple):
    """A value at a place, and the curve from the previous point."""

    place: float
    value: float
    curve: int


def parse(text: str, unit: str = ANY) -> list[Point]:
    """Points of a text; NodeError names a point that cannot be read. `unit` is the unit of the values."""
    words = [word for word in re.split(r"[,\n]", text) if word.strip()]
    if len(words) > MOST:
        raise NodeError(f"{len(words)} points; at most {MOST} are allowed")
    points: list[Point] = []
    for word in words:
        points.append(_point(" ".join(word.split()), unit, points[-1] if points else None))
    if not points:
        raise NodeError("no points; write `0: 200, 4: 2000 log, 8: 400 hold`")
    return points


def _point(word: str, unit: str, before: Point | None) -> Point:
    match = _POINT.fullmatch(word)
    if match is None:
        raise NodeError(f"'{word}' is not a point; write the place, a colon and the value, such as `4: 2000`")
    name = match[3] or "linear"
    if name not in CURVES:
        raise NodeError(
            f"'{word}': '{name}' is not a curve.{did_you_mean(name, CURVES) or ' Curves: ' + ', '.join(CURVES)}"
        )
    try:
        place = constant(match[1], In(unit=""), f"the place in '{word}'")
        value = constant(match[2], In(unit=unit), f"the value in '{word}'")
    except ExpressionError as error:
        raise NodeError(f"'{word}': {error.message}") from None
    if before is None:
        return Point(place, value, HOLD)
    if place < before.place:
        raise NodeError(f"'{word}' comes before the point at {before.place:g}")
    curve = CURVES.index(name)
    if curve == LOG and not before.value * value > 0:
        raise NodeError(f"'{word}': a log curve from {before.value:g} to {value:g} goes through zero; use linear")
    return Point(place, value, curve)
