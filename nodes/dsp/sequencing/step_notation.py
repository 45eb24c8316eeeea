"""Notation of `Steps`, parsed when the graph is built: `C2 . Eb2:0.5?0.7 G2x3@0.5 - C3~ [C4 E4] 0 -3 |`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from graph import NodeError
from graph.language import note_key
from nodes.dsp.sequencing.directions import cycle_of
from nodes.dsp.sequencing.scales import SCALES

ALLOWED = (
    "a note such as C4 or Bb2, a degree of the scale, either with cents (A4+14c, 3-50c), a chord [C4 E4], a rest '.', "
    "a tie '-', a bar line '|'; "
    "suffixes :0.5 velocity, ?0.3 probability, x3 ratchet, x3@0.5 ratchet with a probability, ~ slide into the next"
)
MOST = 1024
"""Maximum steps in a text."""
CHORD = 8
"""Maximum keys in a chord."""

_TOKEN = re.compile(r"\[[^\]]*\]?[^\s|\]\[]*|\||[^\s|\[]+")
_TAIL = re.compile(
    r":(?P<velocity>\d*\.?\d+)|\?(?P<chance>\d*\.?\d+)(?P<percent>%?)|x(?P<hits>\d+)"
    r"(?:@(?P<ratchet>\d*\.?\d+)(?P<of100>%?))?|(?P<slide>~)",
    re.ASCII,
)
_BODY = re.compile(r"(\[[^\]]*\]|[^:?x~\]]+)")


@dataclass
class Step:
    """Keys that start at a step: length in steps, velocity (0: the node's own), probability, number of hits.

    `ratchet` is the probability that all hits are played; else there is one.
    """

    keys: tuple[float, ...] = ()
    length: int = 1
    velocity: float = 0.0
    chance: float = 1.0
    hits: int = 1
    ratchet: float = 1.0
    slide: bool = False


def parse_steps(text: str, root: float, scale: str) -> list[Step | None]:
    """One entry per step, None where nothing starts. Raises NodeError with the token and its position."""
    steps: list[Step | None] = []
    held: Step | None = None
    for match in _TOKEN.finditer(text):
        token, place = match.group(), match.start()
        if token == "|":
            continue
        if len(steps) == MOST:
            raise NodeError(f"there are more than {MOST:,} steps")
        if token in ("-", "_"):
            if not steps:
                raise _bad(token, place, "there is no note before the tie")
            if held:
                held.length += 1
            steps.append(None)
            continue
        held = None if token == "." else _step(token, place, root, scale)
        steps.append(held)
    if not any(steps):
        raise NodeError(f"there is no note in '{text}'; write {ALLOWED}")
    return steps


def in_direction(steps: list[Step | None], direction: str) -> list[Step | None]:
    """The steps of one cycle. Backward, a tied note starts where it ends forward, and keeps its length.

    For `random` they are the steps to draw from: each is a note or a rest of one step.
    """
    whole: list[Step | None] = []
    at = 0
    while at < len(steps):
        step = steps[at]
        whole.append(step)
        at += step.length if step else 1
    if direction == "random":
        return [replace(step, length=1) if step else None for step in whole]
    cycle = cycle_of(whole, direction)
    return [each for step in cycle for each in (step, *(None,) * ((step.length if step else 1) - 1))]


def _step(token: str, place: int, root: float, scale: str) -> Step:
    body = _BODY.match(token)
    if body is None:
        raise _bad(token, place, f"write {ALLOWED}")
    names = body[1][1:-1].split() if body[1].startswith("[") else [body[1]]
    if not 1 <= len(names) <= CHORD:
        raise _bad(token, place, f"a chord has 1 to {CHORD} notes")
    step = Step(tuple(sorted({_key(name, token, place, root, scale) for name in names})))
    at = body.end()
    while at < len(token):
        match = _TAIL.match(token, at)
        if match is None:
            raise _bad(token, place, f"write {ALLOWED}")
        at = match.end()
        if match["velocity"]:
            step.velocity = float(match["velocity"])
            if not 0 < step.velocity <= 1:
                raise _bad(token, place, "velocity must be above 0 and at most 1")
        elif match["chance"]:
            step.chance = float(match["chance"]) / (100 if match["percent"] else 1)
            if step.chance > 1:
                raise _bad(token, place, "probability must be 0 to 1, or 0% to 100%")
        elif match["hits"]:
            step.hits = int(match["hits"])
            if not 1 <= step.hits <= 16:
                raise _bad(token, place, "a step has 1 to 16 hits")
            if match["ratchet"]:
                step.ratchet = float(match["ratchet"]) / (100 if match["of100"] else 1)
                if step.ratchet > 1:
                    raise _bad(token, place, "the probability of a ratchet must be 0 to 1, or 0% to 100%")
        else:
            step.slide = True
    return step


def _key(name: str, token: str, place: int, root: float, scale: str) -> float:
    key = note_key(name)
    number = re.match(r"-?\d{1,3}(?![\d.])", name, re.ASCII)
    cents = note_key(f"C-1{name[number.end() :]}") if number else None
    if number and cents is not None:
        octave, degree = divmod(int(number[0]), len(SCALES[scale]))
        key = root + 12 * octave + SCALES[scale][degree] + cents
    if key is None:
        raise _bad(token, place, f"write {ALLOWED}")
    if not 0 <= key <= 127:
        raise _bad(token, place, f"key {key:g} is outside 0 .. 127 (C-1 .. G9)")
    return key


def _bad(token: str, place: int, reason: str) -> NodeError:
    return NodeError(f"cannot read '{token}' at character {place + 1}: {reason}")
