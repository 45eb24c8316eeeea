"""The latency stated on a node's page is the delay of a quiet low tone through it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import nodes
from graph.testing import block_of

RATE = 48_000


def group_delay(name: str, hertz: float, **values: Any) -> float:
    """Delay in frames, from the phases of two quiet tones 40 Hz apart."""
    cls = getattr(nodes, name)
    time = np.arange(9_600) / RATE
    phases = []
    for frequency in (hertz - 20, hertz + 20):
        block = block_of(cls, audio=0.001 * np.sin(2 * np.pi * frequency * time), **values)
        cls.process(block)
        basis = np.exp(-2j * np.pi * frequency * time[4_800:]) * np.hanning(4_800)
        phases.append(np.angle(basis @ block.out[4_800:, 0] / (basis @ np.sin(2 * np.pi * frequency * time[4_800:]))))
    return float((phases[0] - phases[1]) % (2 * np.pi) / (2 * np.pi * 40) * RATE)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("SoftClip", {"drive": 1.0}),
        ("Saturation", {}),
        ("Wavefold", {}),
        ("Distortion", {"tone": 20_000.0}),
        ("Ladder", {"cutoff": 20_000.0, "resonance": 0.0}),
        ("Limiter", {}),
        ("PitchShift", {"shift": 0.0}),
    ],
)
def test_the_latency_is_what_the_page_says(name: str, values: dict[str, Any]) -> None:
    cls = getattr(nodes, name)
    said = re.search(r"latency (\d+) frames", cls.out.doc)
    assert said, f"{name} gives no latency"
    assert group_delay(name, 1_000, **values) == pytest.approx(int(said[1]), abs=0.75)
