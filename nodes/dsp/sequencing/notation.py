"""Notation of `Notes`, parsed when the graph is built: `C4 F#3:0.5 . [C4 E4 G4]*2 - |`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph import NodeError
from nodes.dsp.sequencing.scales import pitch_of

ALLOWED = (
    "a note such as C4, F#3 or Bb2, a chord [C4 E4], the number of a key, either with cents (A4+14c), a rest '.', "
    "a tie '-', or a bar line '|'"
)

_TOKEN = re.compile(r"\[[^\]]*\]?[^\s|\]\[]*|\||[^\s|\[]+")
_TAIL = re.compile(r":(?P<velocity>\d*\.?\d+)|\*(?P<steps>\d*\.?\d+)")


@dataclass
class Step:
    """Keys that sound together from `start` for `length` steps; none is a rest. Velocity None is the node's own."""

    start: float
    length: float
    keys: tuple[float, ...]
    velocity: float | None


def parse(text: str) -> tuple[list[Step], float]:
    """Notes and rests of a text and its length in steps; raises NodeError with the token and its position."""
    notes: list[Step] = []
    at = 0.0
    for match in _TOKEN.finditer(text):
        token = match.group()
        body, velocity, length = _tail(token, match.start())
        if token == "|":
            continue
        if body in ("-", "_"):
            if velocity is not None:
                raise _bad(token, match.start(), "only notes and chords take a velocity")
            if at == 0:
                raise _bad(token, match.start(), "there is no note before the tie")
            notes[-1].length += length
        elif body == ".":
            if velocity is not None:
                raise _bad(token, match.start(), "only notes and chords take a velocity")
            notes.append(Step(at, length, (), None))
        else:
            notes.append(Step(at, length, _keys(body, token, match.start()), velocity))
        at += length
    if not any(note.keys for note in notes):
        raise NodeError(f"there is no note in '{text}'; write {ALLOWED}")
    return notes, at


def _tail(token: str, position: int) -> tuple[str, float | None, float]:
    """Body, velocity and length of `C4:0.5*3`."""
    velocity, length = None, 1.0
    ends = [i for i in (token.find(":", token.rfind("]") + 1), token.find("*", token.rfind("]") + 1)) if i >= 0]
    end = min(ends, default=len(token))
    at = end
    while at < len(token):
        match = _TAIL.match(token, at)
        if match is None:
            raise _bad(token, position, "write a velocity from 0 to 1 after ':', a number of steps after '*'")
        if match["velocity"] is not None:
            velocity = float(match["velocity"])
            if not 0 < velocity <= 1:
                raise _bad(token, position, "velocity must be above 0 and at most 1")
        else:
            length = float(match["steps"])
            if not 0 < length <= 1024:
                raise _bad(token, position, "length must be above 0 and at most 1024 steps")
        at = match.end()
    return token[:end], velocity, length


def _keys(body: str, token: str, position: int) -> tuple[float, ...]:
    names = [body]
    if body.startswith("["):
        if not body.endswith("]"):
            raise _bad(token, position, "the chord has no ']'")
        names = body[1:-1].split()
        if not names:
            raise _bad(token, position, "the chord is empty")
    return tuple(sorted({_key(name, token, position) for name in names}))


def _key(name: str, token: str, position: int) -> float:
    key = pitch_of(name)
    if key is None:
        said = token if name == token else f"{name} in {token}"
        raise _bad(said, position, f"write {ALLOWED}")
    return key


def _bad(token: str, position: int, reason: str) -> NodeError:
    return NodeError(f"cannot read '{token}' at character {position + 1}: {reason}")
