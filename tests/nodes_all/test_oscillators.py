"""Common tests of oscillators: pitch, mean, phase and aliases, each for a table of oscillators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from alias import C8, alias, alias_of_a_glide, compiled
from measure import render

from graph import Node
from graph.testing import block_of
from nodes import (
    Fm,
    Formant,
    HardSync,
    Impulse,
    Organ,
    Pulse,
    RingMod,
    Saw,
    Sine,
    SuperSaw,
    Triangle,
    Wavetable,
)

RATE = 48_000.0
TONES: dict[type[Node], dict[str, Any]] = {
    Fm: {"level2": 0.0, "level3": 0.0, "level4": 0.0},
    Formant: {},
    HardSync: {"ratio": 1.0},
    Organ: {"sub": 0.0, "quint": 0.0, "unison": 8.0},
    Pulse: {},
    RingMod: {"audio": 1.0, "mix": 1.0},
    Saw: {},
    Sine: {},
    SuperSaw: {"detune": 0.0, "spread": 0.0},
    Triangle: {},
    Wavetable: {"position": 0.0},
}
"""Each with inputs that make it a tone of one pitch; Impulse, which has a mean, has its own test."""


@compiled
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("freq", [8.0, 27.5, 440.0, 4_186.01, 12_000.0])
@pytest.mark.parametrize("cls", TONES)
def test_pitch_is_right_within_a_hundredth_of_a_cent(cls: type[Node], freq: float, rate: float) -> None:
    port = cls.ins()["freq"]
    wanted = float(np.float32(np.clip(freq, port.min, port.max)))
    if cls is Formant:  # of a deep tone it gives no fundamental, but what lies near 650 Hz
        wanted *= max(1, round(650 / wanted))
    span = max(24_000, int(24 * rate / min(wanted, freq)))
    turning = render(cls, 2 * span, rate, freq=freq, **TONES[cls]) * np.exp(
        -2j * np.pi * (wanted / rate * np.arange(2 * span) % 1)
    )
    window = np.kaiser(span, 14)
    drift = np.angle(np.sum(turning[span:] * window) / np.sum(turning[:span] * window))
    heard = wanted + drift / (2 * np.pi) / span * rate
    assert abs(1200 * np.log2(heard / wanted)) < 0.01


@compiled
@pytest.mark.parametrize("cls", [Saw, Triangle, Sine])
def test_mean_is_zero(cls: type[Node]) -> None:
    assert abs(render(cls, 48_000, freq=100.0).mean()) < 1e-6


@pytest.mark.parametrize(("cls", "peak"), [(Saw, 1.2), (Triangle, 1.1), (Pulse, 2), (Sine, 1.001), (Impulse, 8)])
def test_frequency_may_move_every_sample_and_stays_finite(cls: type[Node], peak: float) -> None:
    rng = np.random.default_rng(0)
    for sample_rate in (8_000.0, 48_000.0, 192_000.0):
        out = render(cls, 5_000, sample_rate, freq=rng.uniform(-1e5, 1e5, 5_000))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < peak


@pytest.mark.parametrize("cls", [Saw, Triangle, Pulse, Impulse, Sine, Fm, Wavetable, Organ, HardSync])
def test_at_0_hz_the_output_is_constant(cls: type[Node]) -> None:
    assert np.ptp(render(cls, 100, freq=0.0)) == 0


@pytest.mark.parametrize("cls", [Saw, Triangle, Pulse, Sine, Impulse])
def test_phase_runs_on_from_block_to_block(cls: type[Node]) -> None:
    whole = render(cls, 300, freq=1_234.5)
    first = block_of(cls, frames=111, freq=1_234.5)
    cls.process(first)
    then = block_of(cls, frames=189, freq=1_234.5, turn=first.turn, jumps=first.jumps)
    cls.process(then)
    np.testing.assert_allclose(np.concatenate([first.out, then.out])[:, 0], whole, atol=1e-6)


@pytest.mark.parametrize("cls", [Saw, Triangle, Pulse, Sine, Impulse])
def test_compiled_equals_plain_python(cls: type[Node]) -> None:
    freq = np.linspace(0, 20_000, 400)
    block = block_of(cls, freq=freq)
    cls.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - render(cls, 400, freq=freq)).max() < 1e-4


@compiled
@pytest.mark.parametrize(
    ("cls", "values"),
    [(Saw, {}), (Triangle, {}), (Impulse, {}), *((Pulse, {"width": width}) for width in (0.5, 0.31, 0.07))],
)
def test_alias_at_c8_is_below_minus_120_db(cls: type[Node], values: dict[str, float]) -> None:
    heard = render(cls, 2**17, freq=C8, **values)
    print(f"{cls.__name__} at C8: {alias(heard, C8):.1f} dB, {alias(heard, C8, 16_000):.1f} dB below 16 kHz")
    assert alias(heard, C8) < -120


@compiled
@pytest.mark.parametrize(
    ("cls", "below"), [(Saw, -110), (Triangle, -110), (Pulse, -110), (Impulse, -110), (SuperSaw, -100)]
)
def test_alias_stays_low_while_c8_glides(cls: type[Node], below: float) -> None:
    """In decibels."""
    freq = np.geomspace(3_700, 4_700, 24_000)
    given = TONES.get(cls, {})
    assert max(alias_of_a_glide(render(cls, len(freq), freq=freq, **given), freq)) < below


@compiled
@pytest.mark.parametrize("freq", [110.0, 440.3, 1_000.3, 1_760.1, 2_093.3, 2_991.3, 3_299.1, 7_040.3, 10_001.7])
@pytest.mark.parametrize(("cls", "low", "whole"), [(Saw, -90, -45), (Triangle, -110, -60), (Pulse, -90, -45)])
def test_alias_is_low_at_every_pitch(cls: type[Node], low: float, whole: float, freq: float) -> None:
    """In decibels, below 16 kHz and in all."""
    freq = float(np.float32(freq))
    heard = render(cls, 2**17, freq=freq)
    assert alias(heard, freq, 16_000) < low
    assert alias(heard, freq) < whole


@compiled
@pytest.mark.parametrize("freq", [110.0, 1_000.3, 2_093.3, C8])
def test_the_harmonics_of_a_super_saw_are_those_of_its_seven_saws_within_half_a_decibel(freq: float) -> None:
    """Below 16 kHz. The saws add up harmonic by harmonic, each with its own phase and its level from Szabo's thesis."""
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
