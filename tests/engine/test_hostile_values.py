"""Values that no node should send: keys that are no numbers, recordings of a few frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

import nodes
from graph import NOTE_OFF, NOTE_ON, Events, Graph, In, Node, Out, clear, emit, kernel
from graph.native.functions import PLAIN
from graph.testing import block_of
from nodes import Granular, Mix, Sine, VoiceAllocator

EVENT_NODES = sorted(
    name
    for name in dir(nodes)
    if (cls := getattr(nodes, name)).ins().get("events") is not None and cls.ins()["events"].kind == "events"
)


class Stray(Node):
    """Sends notes whose keys and velocities are not numbers, infinite, or far out of range."""

    out = Out(kind="events", doc="Notes.")
    which = In(0, "", 0, 8, doc="Which of the values comes first.")

    @kernel
    def process(block):
        clear(block.out)
        for i in range(8):
            number, value = 60.0, 0.5
            case = (i + int(block.which[0, 0])) % 8
            if case == 0:
                number = np.nan
            elif case == 1:
                number = np.inf
            elif case == 2:
                number = -np.inf
            elif case == 3:
                number = 1e30
            elif case == 4:
                number = -1e30
            elif case == 5:
                value = np.nan
            elif case == 6:
                value = np.inf
            emit(block.out, i, NOTE_ON if i % 3 < 2 else NOTE_OFF, 1 + i % 16, i, number, value)


def test_emit_sends_only_finite_numbers() -> None:
    for which in range(8):
        block = block_of(Stray, frames=16, which=float(which))
        Stray.process(block)
        events: Events = block.out
        assert events.count[0] == 8
        assert np.isfinite(events.records["number"][:8]).all()
        assert np.isfinite(events.records["value"][:8]).all()


@pytest.mark.skipif(PLAIN, reason="too slow in plain Python")
@pytest.mark.parametrize("name", EVENT_NODES)
def test_event_nodes_survive_stray_keys(name: str) -> None:
    cls = getattr(nodes, name)
    for which in range(8):
        node = cls(events=Stray(which=which))
        outs = node.outs()
        kind = next(iter(outs.values())).kind if outs else ""
        if kind == "events":
            voices = VoiceAllocator(events=node)
            made = Graph(Mix(Sine(freq=voices.freq) * voices.gate))
        elif kind == "signal":
            made = Graph(Mix(node.cable(next(iter(outs)))))
        else:
            made = Graph(Sine(), nodes=[node])
        assert np.isfinite(made.render(0.1, rate=48_000)).all()


@pytest.mark.skipif(PLAIN, reason="too slow in plain Python")
@pytest.mark.parametrize("frames", [1, 2, 3, 7, 10, 63, 64])
def test_grains_of_a_few_frames_stay_within_them(frames: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.ones(frames, np.float32), 48_000, subtype="FLOAT")
    for pitch in (-36, 0, 36):
        cloud = Granular(file=str(tmp_path / "short.wav"), pitch=pitch, detune=1_200, size=1, density=300, spread=0)
        heard = Graph(cloud).render(5, rate=48_000)
        assert np.abs(heard).max() < 4
        assert np.abs(heard[24_000:]).mean() > 0.05
