"""Every node at its worst: numbers beyond all ranges, silence, and what may not come out of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alias import compiled
from every_node import FILES, NEEDS, NODES

from graph import Node
from graph.memory import events
from graph.testing import block_of

FRAMES = 1_500
UNBOUNDED = {
    "Divide": "a divisor may be as small as it likes",
    "VoiceAllocator": "a wheel may bend by octaves; it is a frequency, and who hears it has a range",
}
"""Nodes that may well give a large number, each with its reason."""

WILD = sorted(name for name, cls in NODES.items() if any(port.kind == "signal" for port in cls.outs().values()))
SIGNALS = {
    name: [word for word, port in NODES[name].ins().items() if port.kind == "signal" and port.default is None]
    for name in WILD
}
"""What each node hears: inputs that have no number of their own."""


def needed(name: str, folder: Path) -> dict[str, Any]:
    given = dict(NEEDS.get(name, {}))
    return {**given, "file": str(FILES[name](folder))} if name in FILES else given


def chords() -> events.Events:
    """Notes, wheels and knobs, all at once."""
    made = events.new_events()
    rows = [(0, events.NOTE_ON, 1, 0, key, 1.0) for key in (36, 42, 60, 127)]
    rows += [(9, events.BEND, 1, 0, 0, 1.0), (50, events.PRESSURE, 1, 0, 0, 1.0), (99, events.CONTROL, 1, 0, 1, 1.0)]
    made.records[: len(rows)] = np.array(rows, events.EVENT)
    made.count[0] = len(rows)
    return made


def numbers(cls: type[Node], how: str) -> dict[str, Any]:
    """Another number for every input at every sample: beyond its range by as much again, far beyond it, or none."""
    random = np.random.default_rng(1)
    found = {}
    for word, port in cls.ins().items():
        if port.kind != "signal":
            continue
        if port.min is None and port.max is None:
            found[word] = random.uniform(-1, 1, (FRAMES, 1))
            continue
        low = -1.0 if port.min is None else port.min
        high = low + 1 if port.max is None else port.max
        beyond = {"beyond": high - low, "far beyond": 1e6 * (high - low), "broken": 0.0}[how]
        found[word] = random.uniform(low - beyond, high + beyond, (FRAMES, 1))
        if how == "broken":
            for number in (np.nan, np.inf, -np.inf):
                found[word][random.random((FRAMES, 1)) < 0.02] = number
        found[word] = found[word][: 1 if port.rate == "block" else FRAMES]
    return found


@compiled
@pytest.mark.parametrize("how", ["beyond", "far beyond", "broken"])
@pytest.mark.parametrize("name", WILD)
def test_numbers_beyond_their_ranges_at_every_sample_give_a_bounded_sound(name: str, how: str, tmp_path: Path) -> None:
    cls = NODES[name]
    heard = {word: chords() for word, port in cls.ins().items() if port.kind == "events"}
    for rate in (8_000.0, 48_000.0, 192_000.0):
        given = {**numbers(cls, how), **needed(name, tmp_path), **heard}
        block = block_of(cls, frames=FRAMES, sample_rate=rate, **given)
        cls.process(block)
        for word, port in cls.outs().items():
            if port.kind == "signal":
                out = getattr(block, word)
                assert np.isfinite(out).all(), (word, rate)
                assert np.abs(out).max() < 1e5 or name in UNBOUNDED, (word, rate)


@compiled
@pytest.mark.parametrize("name", [name for name in WILD if SIGNALS[name] and name != "Loudness"])
def test_silence_in_is_silence_out_within_the_tail(name: str, tmp_path: Path) -> None:
    """From the beginning; and 100 dB down, eleven seconds after a second of noise. Loudness rests at -70."""
    cls, rate = NODES[name], 8_000
    noise = np.zeros((12 * rate, 1), np.float32)
    noise[:rate] = np.random.default_rng(0).uniform(-1, 1, (rate, 1))
    still, after = (
        block_of(cls, sample_rate=float(rate), **needed(name, tmp_path), **dict.fromkeys(SIGNALS[name], heard))
        for heard in (0 * noise[:rate], noise)
    )
    cls.process(still)
    cls.process(after)
    for word, port in cls.outs().items():
        if port.kind == "signal" and port.unit != "dB":  # a gain reduction is no sound
            assert not getattr(still, word).any()
            assert np.abs(getattr(after, word)[-rate:]).max() < 1e-5
