"""Sounds with known truth for tests of analysis: drum patterns, single notes, scales."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from graph import loads

PATTERNS = Path(__file__).parents[2] / "patches" / "patterns"
FAMILIES = ("rock", "electronic", "brazil", "jazz", "caribbean")
RATE = 48_000
INSTRUMENTS = ("Saw", "Triangle", "Pulse", "Piano", "Bow", "Reed", "Flute", "Brass", "ElectricPiano", "Vocal")
KEYS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
STEPS = {"major": (0, 2, 4, 5, 7, 9, 11, 12), "minor": (0, 2, 3, 5, 7, 8, 11, 12)}


def straight_patterns() -> Iterator[tuple[str, float, list[list[bool]]]]:
    """Name, tempo and lanes of the bundled patterns for the standard kit that are plain grids of one 4/4 bar."""
    for family in FAMILIES:
        for name, pattern in yaml.safe_load((PATTERNS / f"{family}.yaml").read_text())["patterns"].items():
            lanes = [str(line).replace(" ", "") for line in pattern["drums"].values()]
            plain = not any(set(lane) - set("xXo.") for lane in lanes)
            if plain and not pattern.keys() & {"meter", "swing", "beats", "feel"}:
                yield name, float(pattern["tempo"]), [[mark != "." for mark in lane] for lane in lanes]


def hits(tempo: float, lanes: Sequence[Sequence[bool]], seconds: float) -> list[float]:
    """Times of the hits; those within 30 ms are one, as a listener hears it."""
    bar = 4 * 60 / tempo
    found = sorted(
        (index / len(lane) + number) * bar
        for lane in lanes
        for index, hit in enumerate(lane)
        if hit
        for number in range(int(seconds / bar) + 1)
    )
    kept: list[float] = []
    for time in found:
        if time < seconds - 0.05 and (not kept or time - kept[-1] >= 0.03):
            kept.append(time)
    return kept


def drums(name: str, tempo: float, seconds: float = 8.0) -> NDArray[np.float32]:
    """The pattern on the standard kit."""
    return loads(f"""
nodes:
  drums: {{node: Pattern, tempo: {tempo}, pattern: "{name}"}}
  kit: {{node: DrumKit, events: drums}}
out: kit
""").render(seconds=seconds)


def note(instrument: str, key: int, seconds: float = 1.0) -> NDArray[np.float32]:
    """A single note; `key` is a MIDI key number."""
    import nodes

    wired = [name for name in ("freq", "gate", "trigger", "velocity") if hasattr(getattr(nodes, instrument), name)]
    inputs = ", ".join(f"{name}: v.{name}" for name in wired)
    return loads(f"""
nodes:
  keys: {{node: Notes, notes: "{key}", step: 4, gate: 0.5, tempo: 120}}
  v: {{node: VoiceAllocator, events: keys, polyphony: 1}}
  voice: {{node: {instrument}, {inputs}}}
  env: {{node: Adsr, gate: v.gate, trigger: v.trigger, attack: 5 ms, release: 50 ms}}
  all: {{node: Mix, audio: voice * env}}
out: all
""").render(seconds=seconds)


def scale(tonic: int, mode: str) -> NDArray[np.float32]:
    """A scale up and down on the piano, from MIDI key number `tonic`."""
    up = [tonic + step for step in STEPS[mode]]
    notes = " ".join(str(key) for key in up + up[-2::-1])
    return loads(f"""
nodes:
  keys: {{node: Notes, notes: "{notes}", step: 0.5, tempo: 120}}
  v: {{node: VoiceAllocator, events: keys, polyphony: 4}}
  voice: {{node: Piano, freq: v.freq, gate: v.gate, trigger: v.trigger, velocity: v.velocity}}
  all: {{node: Mix, audio: voice}}
out: all
""").render(seconds=4.5)


def f_measure(found: Sequence[float], truth: Sequence[float], within: float = 0.025) -> float:
    """F-measure of times: each true time takes the nearest found one within the tolerance."""
    left = list(found)
    matched = 0
    for time in truth:
        near = min(left, key=lambda each: abs(each - time), default=None)
        if near is not None and abs(near - time) <= within:
            left.remove(near)
            matched += 1
    return 2 * matched / (len(found) + len(truth))
