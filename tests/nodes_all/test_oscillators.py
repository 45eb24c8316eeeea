"""What all oscillators have in common: their pitch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from alias import C8, alias_of_a_glide, compiled

from graph import Node
from graph.testing import block_of
from nodes import Fm, Formant, HardSync, Organ, RingMod, SuperSaw, Wavetable

RATE = 48_000.0
TONES: dict[type[Node], dict[str, Any]] = {
    Fm: {"level2": 0.0, "level3": 0.0, "level4": 0.0},
    Formant: {},
    HardSync: {"ratio": 1.0},
    Organ: {"sub": 0.0, "quint": 0.0, "unison": 8.0},
    RingMod: {"audio": 1.0, "mix": 1.0},
    SuperSaw: {"detune": 0.0, "spread": 0.0},
    Wavetable: {"position": 0.0},
}
"""Each with what makes it a tone of one pitch; Saw, Pulse, Triangle, Sine and Impulse have tests of their own."""


def render(cls: type[Node], frames: int, **values: Any) -> Any:
    block = block_of(cls, frames=frames, sample_rate=RATE, **values)
    cls.process(block)
    return block.out[:, 0].astype(np.float64)


@compiled
@pytest.mark.parametrize("freq", [8.0, 27.5, 440.0, 4_186.01, 12_000.0])
@pytest.mark.parametrize("cls", TONES)
def test_pitch_is_right_within_a_hundredth_of_a_cent(cls: type[Node], freq: float) -> None:
    port = cls.ins()["freq"]
    wanted = float(np.float32(np.clip(freq, port.min, port.max)))
    if cls is Formant:  # of a deep tone it gives no fundamental, but what lies near 650 Hz
        wanted *= max(1, round(650 / wanted))
    span = max(24_000, int(24 * RATE / min(wanted, freq)))
    turning = render(cls, 2 * span, freq=freq, **TONES[cls]) * np.exp(
        -2j * np.pi * (wanted / RATE * np.arange(2 * span) % 1)
    )
    window = np.kaiser(span, 14)
    drift = np.angle(np.sum(turning[span:] * window) / np.sum(turning[:span] * window))
    heard = wanted + drift / (2 * np.pi) / span * RATE
    assert abs(1200 * np.log2(heard / wanted)) < 0.01


@compiled
def test_a_super_saw_stays_clean_while_c8_glides() -> None:
    freq = np.geomspace(3_700, 4_700, 24_000)
    assert max(alias_of_a_glide(render(SuperSaw, len(freq), freq=freq, **TONES[SuperSaw]), freq)) < -100


@compiled
@pytest.mark.parametrize("freq", [110.0, 1_000.3, 2_093.3, C8])
def test_the_harmonics_of_a_super_saw_are_those_of_its_seven_saws_within_half_a_decibel(freq: float) -> None:
    """Below 16 kHz. They add up harmonic by harmonic, each from its own phase and at its level of Szabo's thesis."""
    freq, frames, mix = float(np.float32(freq)), 2**16, 0.5
    block = block_of(SuperSaw, frames=frames, freq=freq, mix=mix, **TONES[SuperSaw])
    turns = block.phases[:, 0] / 2.0**32
    SuperSaw.process(block)
    window = np.kaiser(frames, 26)
    n = np.arange(1, int(16_000 / freq) + 1)
    tones = np.exp(-2j * np.pi * (np.outer(n, np.arange(frames)) * (freq / RATE) % 1))
    found = np.abs(tones @ (block.out[:, 0] * window)) / window.sum()
    levels = np.full(7, 0.044372 + 1.2841 * mix - 0.73764 * mix**2)
    levels[3] = 0.99785 - 0.55366 * mix
    wanted = np.abs(np.exp(2j * np.pi * np.outer(n, turns)) @ levels) / np.sqrt((levels**2).sum()) / np.pi / n
    assert np.abs(20 * np.log10(found / wanted)).max() < 0.5
