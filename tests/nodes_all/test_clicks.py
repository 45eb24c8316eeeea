"""No node clicks when a value changes: every numeric input of every node, changed as by a running engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alias import compiled
from every_node import FILES, NEEDS, NODES
from scipy import signal

from graph import Graph, In, Node, Out, per_sample
from graph.engine.engine import Engine
from nodes import Impulse, Mix, Notes, Sine

RATE = 48_000
HIGH = signal.butter(8, 8_000, "high", fs=RATE, output="sos")
WINDOW = RATE // 4
"""Frames between changes of the value; a drum is struck once in each interval."""

TONES = {"audio": 220.0, "a": 220.0, "b": 330.0, "left": 220.0, "right": 330.0, "signal": 220.0, "voice": 330.0}
"""Input signals: tones far below the band in which clicks are measured."""

NEAR = {"Delay": {"time": 0.02}}
"""Values with which the change is audible within the window."""

STEPS = {
    "trigger": "is an edge",
    "gate": "is an edge",
    "reset": "is an edge",
    "playing": "starts and stops",
    "Decay.attack": "is a corner that was asked for: the envelope rises as steeply as it says, at once",
    "Divide.b": "is a divisor: where its line ends, the quotient has a corner sharper than the line's",
    "Interval.semitones": "is an exponent: the ratio crosses octaves within the ramp",
    "Scale.freq": "is what becomes steps",
}
"""Inputs whose change is a step by nature, each with its reason; a name without a node applies to every node."""

ENDS = {"Delay.feedback": (-0.99, 0.99)}
"""Limits within the range: beyond these the tape saturates, and its harmonics are not clicks."""

CASES = [
    (name, word)
    for name, cls in sorted(NODES.items())
    for word, port in cls.ins().items()
    if port.kind == "signal" and port.default is not None and any(o.kind == "signal" for o in cls.outs().values())
    if word not in STEPS and f"{name}.{word}" not in STEPS
]


def ends(cls: type[Node], word: str) -> tuple[float, float]:
    """Two distant values: an octave of a pitch, the ends of a range, a factor of four."""
    port = cls.ins()[word]
    if f"{cls.__name__}.{word}" in ENDS:
        return ENDS[f"{cls.__name__}.{word}"]
    if port.unit == "Hz" and word.startswith("freq"):
        return 220.0, 440.0
    if port.min is not None and port.max is not None:
        return port.min, port.max
    return (0.5 * port.default, 2 * port.default) if port.default else (0.0, 1.0)


def heard_by(cls: type[Node], word: str, folder: Path) -> dict[str, Any]:
    """Inputs and options with which the node sounds continuously; a drum is struck four times per second."""
    given: dict[str, Any] = {**NEEDS.get(cls.__name__, {}), **NEAR.get(cls.__name__, {})}
    if cls.__name__ in FILES:
        given["file"] = str(FILES[cls.__name__](folder))
    for name, port in cls.ins().items():
        if port.kind == "events":
            given[name] = Notes(notes="[C2 D2 F#2 C#3]", tempo=120.0)
        elif name in TONES and port.default is None:
            given[name] = Sine(freq=TONES[name]) * 0.5
        elif name == "trigger":
            given[name] = Impulse(freq=4.0)
        elif name == "gate":
            given[name] = 1.0
    given.pop(word, None)
    return given


def click(cls: type[Node], word: str, out: str, folder: Path) -> float:
    """Level above 8 kHz in dB, relative to the peak output, while `word` changes to a new value.

    Not a click is what is masked: less than 3 dB above what sounds there when the number stands, at
    either end, and while it goes the same way ten times as slowly. The larger of up and down.
    """
    low, high = ends(cls, word)
    node = cls(name="it", **{**heard_by(cls, word, folder), word: low})
    engine = Engine(Graph(Mix(audio=node.cable(out))))
    parts = [engine.render(2_400), engine.render(WINDOW)]
    for start, end, steps in ((low, high, 1), (high, low, 1), (low, high, 10), (high, low, 10)):
        for step in range(1, steps + 1):
            engine.set(f"it.{word}", (start * (steps - step) + end * step) / steps)
            parts.append(engine.render(240))
        parts.append(engine.render(WINDOW - 240 * steps))
    sound = np.concatenate(parts).astype(np.float64)
    spark = np.abs(signal.sosfilt(HIGH, sound, axis=0)).max(axis=1)[2_400:].reshape(5, WINDOW)
    still = spark[:, WINDOW // 2 :].max(axis=1)  # a moment after its change, and before the next
    up = spark[1].max() - 1.41 * max(still[0], spark[3].max(), still[1])
    down = spark[2].max() - 1.41 * max(still[1], spark[4].max(), still[2])
    return float(20 * np.log10(max(up, down, 1e-9) / max(np.abs(sound[WINDOW:]).max(), 1e-3)))


@compiled
@pytest.mark.parametrize(("name", "word"), CASES)
def test_a_changed_value_does_not_click(name: str, word: str, tmp_path: Path) -> None:
    cls = NODES[name]
    outs = [out for out, port in cls.outs().items() if port.kind == "signal"]
    worst = max(click(cls, word, out, tmp_path) for out in outs[:4])
    assert worst < -60


def test_every_exception_is_a_number_of_a_node() -> None:
    words = {word for cls in NODES.values() for word in cls.ins()}
    for known in STEPS:
        name, _, word = known.rpartition(".")
        assert word in (NODES[name].ins() if name else words), known


@compiled
def test_a_number_that_jumps_is_found_out(tmp_path: Path) -> None:
    class Abrupt(Node):
        """A gain without a ramp."""

        audio = In(doc="Signal.")
        level = In(1.0, ramp=0, doc="Factor.")
        out = Out(doc="audio * level")

        @per_sample
        def process(audio, level):
            return audio * level

    assert click(Abrupt, "level", "out", tmp_path) > -30
