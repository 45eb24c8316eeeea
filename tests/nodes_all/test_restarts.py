"""Restarts of oscillators, by a trigger or another oscillator, and the start phases of voices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from alias import alias, compiled
from measure import render

from graph import Node
from graph.testing import block_of
from nodes import Fm, Formant, HardSync, Impulse, Organ, Pulse, Saw, Sine, SuperSaw, Triangle, Wavetable

OSCILLATORS = [Fm, Formant, HardSync, Impulse, Organ, Pulse, Saw, Sine, SuperSaw, Triangle, Wavetable]
SETTLED = 60
"""Frames after which the transient of a jump has decayed."""


def trigger_at(frames: int, *at: int) -> Any:
    trigger = np.zeros(frames)
    trigger[list(at)] = 1.0
    return trigger


@pytest.mark.parametrize("cls", [cls for cls in OSCILLATORS if cls is not Impulse])
def test_a_trigger_begins_the_wave_again_at_its_frame(cls: type[Node]) -> None:
    whole = render(cls, 1_000, freq=441.3, trigger=trigger_at(1_000, 437))
    np.testing.assert_allclose(whole[437 + SETTLED :], render(cls, 563, freq=441.3)[SETTLED:], atol=1e-4)
    np.testing.assert_allclose(whole[:437], render(cls, 437, freq=441.3), atol=1e-6)


def test_a_trigger_gives_an_impulse_of_the_same_area() -> None:
    whole = render(Impulse, 1_000, freq=1.0, trigger=trigger_at(1_000, 437))
    assert whole[437:].sum() == pytest.approx(1.2088914, rel=1e-3)


@pytest.mark.parametrize("cls", [cls for cls in OSCILLATORS if cls not in (Impulse, SuperSaw)])
def test_start_phase_is_in_cycles_at_the_start_and_at_a_trigger(cls: type[Node]) -> None:
    period = 160  # frames
    first = render(cls, 4 * period, freq=300.0, start_phase=0.25)
    np.testing.assert_allclose(first[:-period], render(cls, 4 * period, freq=300.0)[40 : 40 + 3 * period], atol=2e-3)
    again = render(cls, 6 * period, freq=300.0, start_phase=0.25, trigger=trigger_at(6 * period, 217))
    np.testing.assert_allclose(again[217 + SETTLED : 217 + 480], first[SETTLED:480], atol=2e-3)


@compiled
@pytest.mark.parametrize(("cls", "below"), [(Saw, -100), (Pulse, -100), (Triangle, -105), (Impulse, -70), (Sine, -70)])
@pytest.mark.parametrize("ratio", [1.5, 2.02, 3.3])
@pytest.mark.parametrize("freq", [55.0, 220.1, 1_000.3])
def test_aliases_of_hard_sync_by_another_saw_are_low_below_16_khz(
    cls: type[Node], below: float, ratio: float, freq: float
) -> None:
    """In decibels."""
    freq, frames = float(np.float32(freq)), 2**16
    master = render(Saw, frames, freq=freq)
    heard = render(cls, frames, freq=float(np.float32(freq * ratio)), sync=master)
    assert alias(heard[4_800:], freq, 16_000) < below


def test_hard_sync_draws_the_restarted_saw_between_frames() -> None:
    master, frames = 101.3, 9_600
    heard = render(Saw, frames, freq=250.0, sync=render(Saw, frames, freq=master))
    since = (np.arange(frames) * master / 48_000 + 1e-9) % 1 / master  # the master rises through 0 where it begins
    naive = (2 * (250.0 * since + 0.5)) % 2 - 1
    far = np.abs(heard - naive)[1_000:]
    near_edge = np.min(np.abs((250.0 * since[1_000:, None] + 0.5) - np.array([0.0, 1.0, 2.0, 3.0])), axis=1) < 0.2
    near_edge |= since[1_000:] < 30 / 48_000
    assert far[~near_edge].max() < 2e-3


@pytest.mark.parametrize("cls", OSCILLATORS)
def test_restarts_do_not_depend_on_the_size_of_blocks(cls: type[Node]) -> None:
    values = {"freq": 700.0, "trigger": trigger_at(480, 13, 200, 223), "sync": np.sin(np.arange(480) * 0.11 + 1)}
    whole = render(cls, 480, **values)
    sizes = [1, 7, 64, 100, 308]
    block, parts, at = None, [], 0
    for size in sizes:
        part = {key: value[at : at + size] if np.ndim(value) else value for key, value in values.items()}
        states = {} if block is None else {key: getattr(block, key) for key in cls.states()}
        block = block_of(cls, frames=size, **part, **states)
        cls.process(block)
        parts.append(block.out[:, 0])
        at += size
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


@pytest.mark.parametrize("cls", [Saw, Pulse, Triangle, Sine, Wavetable, Organ, HardSync, SuperSaw, Formant])
def test_below_0_hz_the_wave_runs_backwards(cls: type[Node]) -> None:
    """After a reversal it passes through the same values."""
    freq = np.full(2_000, 300.0)
    freq[1_000:] = -300.0
    heard = render(cls, 2_000, freq=freq)
    np.testing.assert_allclose(heard[1_000:1_990], heard[1_000:10:-1], atol=1e-4)


def test_linear_fm_goes_through_zero() -> None:
    i = np.arange(48_000)
    freq = (200 + 800 * np.sin(2 * np.pi * 100 * i / 48_000)).astype(np.float32)
    phase = np.cumsum(np.r_[0.0, freq[:-1].astype(float)]) / 48_000
    assert np.abs(render(Sine, 48_000, freq=freq) - np.sin(2 * np.pi * phase)).max() < 0.01


@pytest.mark.parametrize("cls", [cls for cls in OSCILLATORS if cls is not SuperSaw])
@pytest.mark.parametrize("name", ["osc", "lead", "pad", "bass"])
def test_a_unison_starts_at_its_steady_level(cls: type[Node], name: str) -> None:
    """Level of the first 50 ms relative to later ones, in dB, for seven voices within 10 cents."""
    freq = np.tile(110.0 * 2 ** (np.linspace(-10, 10, 7) / 1_200), (96_000, 1))
    block = block_of(cls, freq=freq, voices=7, name=name)
    cls.process(block)
    heard = block.out.sum(axis=1)
    later = np.median([np.abs(heard[i : i + 2_400]).max() for i in range(24_000, 93_000, 2_400)])
    assert 20 * np.log10(np.abs(heard[:2_400]).max() / later) < 5


def test_a_voice_begins_where_it_does_however_many_there_are_and_both_channels_together() -> None:
    few, many = (block_of(Saw, voices=n, channels=2, name="osc").turn for n in (3, 8))
    assert few[0] == 2**31
    assert (few[:3] == few[3:]).all()
    assert (few[:3] == many[:3]).all()
    assert (block_of(Saw, voices=3, name="pad").turn[1:] != few[1:3]).all()
