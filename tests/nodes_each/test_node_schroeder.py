"""Schroeder: decay, evenness, width; at 8 kHz, where a second is short."""

from __future__ import annotations

import numpy as np
import pytest
from alias import compiled
from clicks import after_a_command
from rooms import decay_time, ringing

from graph.testing import block_of, node_contract
from nodes import Schroeder

RATE = 8_000.0
OPEN = 20_000.0


def response(seconds, rate=RATE, **inputs):
    audio = np.zeros((int(seconds * rate), 2), np.float32)
    audio[0] = 1
    block = block_of(Schroeder, audio=audio, sample_rate=rate, **inputs)
    Schroeder.process(block)
    return block.out.astype(np.float64)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(Schroeder, sample_rate=sample_rate)


@pytest.mark.parametrize("decay", [0.2, 0.3, 1.0, 3.0])
def test_it_falls_by_60_db_in_the_decay(decay):
    out = response(1.5 * decay, decay=decay, damping=OPEN)
    assert np.mean([decay_time(side, RATE, (200, 2_000)) for side in out.T]) == pytest.approx(decay, rel=0.05)


@compiled
@pytest.mark.parametrize("decay", [0.1, 0.2, 0.4, 1.5, 6.0])
def test_it_does_so_at_48_khz_too(decay):
    out = response(1.5 * decay, 48_000.0, decay=decay, damping=OPEN)
    assert np.mean([decay_time(side, 48_000.0, (200, 2_000)) for side in out.T]) == pytest.approx(decay, rel=0.05)


@compiled
@pytest.mark.parametrize("decay", [1.0, 3.0, 10.0, 20.0])
def test_every_octave_falls_by_60_db_in_the_decay(decay):
    """From 1 s up: for shorter decays, two responses are too few to measure single octaves."""
    out = response(1.5 * decay, 16_000.0, decay=decay, damping=OPEN)
    for center in (125, 250, 500, 1_000, 2_000):
        band = center / np.sqrt(2), center * np.sqrt(2)
        assert np.mean([decay_time(side, 16_000.0, band) for side in out.T]) == pytest.approx(decay, rel=0.05), center


def test_at_the_damping_it_falls_twice_as_fast():
    out = response(1.5, decay=1.2, damping=1_000.0)[:, 0]
    assert decay_time(out, RATE, (900, 1_100)) == pytest.approx(0.6, rel=0.12)
    assert decay_time(out, RATE, (60, 200)) == pytest.approx(1.2, rel=0.12)


@compiled
@pytest.mark.parametrize("rate", [RATE, 48_000.0])
@pytest.mark.parametrize("decay", [0.2, 0.3, 0.4, 0.6, 1.0, 2.4, 6.0, 20.0])
def test_nothing_rings_6_db_above_its_neighbors(decay, rate):
    assert ringing(response(1.3 * decay, rate, decay=decay, damping=OPEN).T, rate, decay) < 6


def test_the_sides_are_unlike():
    left, right = response(1.5, decay=1.2, damping=OPEN)[400:].T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


def test_noise_leaves_about_as_loud_as_it_enters():
    noise = np.random.default_rng(1).uniform(-1, 1, (16_000, 1)).repeat(2, axis=1)
    for decay in (0.2, 1.0):
        block = block_of(Schroeder, audio=noise, decay=decay, damping=OPEN, sample_rate=RATE)
        Schroeder.process(block)
        power = (block.out[8_000:].astype(np.float64) ** 2).mean() / (noise**2).mean()
        assert 10 * np.log10(power) == pytest.approx(0, abs=2)


def test_the_longest_decay_never_grows():
    energy = (response(4.0, decay=20.0, damping=OPEN) ** 2).sum(axis=1)
    assert (np.diff(energy[2_000:32_000].reshape(-1, 3_000).sum(axis=1)) < 0).all()


@compiled
@pytest.mark.parametrize(
    ("port", "before", "after"),
    [("decay", 0.1, 20.0), ("decay", 20.0, 0.1), ("damping", 200.0, 20_000.0)],
)
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_command(Schroeder, port, before, after) < -60


def noise_then(freeze, seconds):
    audio = np.zeros((int(seconds * RATE), 2), np.float32)
    audio[: int(RATE)] = 0.3 * np.random.default_rng(1).standard_normal((int(RATE), 2))
    block = block_of(Schroeder, audio=audio, sample_rate=RATE, decay=1.0, damping=OPEN, freeze=freeze(len(audio)))
    Schroeder.process(block)
    return block.out.astype(np.float64)


@compiled
def test_a_frozen_tail_keeps_its_level_for_a_minute_whatever_the_input():
    out = noise_then(lambda frames: (np.arange(frames) > 0.9 * RATE).astype(np.float32), 60)
    levels = 10 * np.log10((out[int(2 * RATE) :].reshape(-1, int(RATE), 2) ** 2).mean(axis=(1, 2)))
    assert np.ptp(levels) < 0.5
    assert levels.mean() > -30


@compiled
def test_an_unfrozen_tail_decays_again():
    out = noise_then(lambda frames: (np.abs(np.arange(frames) / RATE - 2.0) < 1.0).astype(np.float32), 6)
    assert decay_time(out[int(3.1 * RATE) : int(4.6 * RATE), 0], RATE, (200, 2_000)) == pytest.approx(1.0, rel=0.1)
