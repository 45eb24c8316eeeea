from __future__ import annotations

import numpy as np
import pytest
from measure import click_of
from scipy import signal

from graph.testing import block_of
from nodes import Gate


def gated(audio, channels=1, **values):
    block = block_of(Gate, audio=audio, channels=channels, voices=1, **values)
    Gate.process(block)
    return block.out.astype(np.float64)


def test_soft_signals_fall_to_the_floor_and_loud_ones_pass():
    assert gated(np.full(4_800, 0.005), floor=-60.0)[-1, 0] == pytest.approx(5e-6, rel=1e-3)
    assert gated(np.full(9_600, 0.05))[-1, 0] == pytest.approx(0.05, rel=1e-3)


def test_the_lowest_floor_is_silence():
    assert (gated(np.full(480, 0.005), floor=-100.0) == 0).all()


def test_it_opens_at_the_threshold_and_closes_4_db_lower():
    for level, opens in ((-41.0, False), (-39.0, True)):
        out = gated(np.full(9_600, 10 ** (level / 20)))[-1, 0]
        assert (out > 0.005) == opens
    for level, stays in ((-43.0, True), (-45.0, False)):
        audio = np.concatenate([np.full(4_800, 0.1), np.full(48_000, 10 ** (level / 20))])
        assert (gated(audio, hold=0.01)[-1, 0] > 0.001) == stays


def test_it_stays_open_for_the_hold():
    audio = np.concatenate([np.full(2_400, 0.1), np.full(14_400, 0.001)])
    out = gated(audio, hold=0.1, release=0.001)[:, 0]
    assert out[2_400 + 4_700] == pytest.approx(0.001, rel=0.01)
    assert out[2_400 + 5_500] < 1e-4


def test_with_look_ahead_nothing_of_the_stroke_is_lost():
    audio = np.concatenate([np.zeros(4_800), 0.5 * np.ones(960)])
    assert gated(audio, attack=0.0005)[4_800, 0] < 0.3
    assert gated(audio, attack=0.0005, lookahead=0.01)[5_280, 0] == pytest.approx(0.5, rel=0.01)


def test_opening_and_closing_do_not_click():
    t = np.arange(24_000)
    tone = 0.5 * np.sin(2 * np.pi * 220 / 48_000 * t)
    key = np.where((t > 6_000) & (t < 12_000), 1.0, 0.0)
    out = gated(tone, sidechain=key, given=np.array([1]))[:, 0]
    high = signal.sosfilt(signal.butter(8, 8_000, "high", fs=48_000, output="sos"), out)
    assert np.abs(high[2_000:]).max() < 1e-3


@pytest.mark.parametrize(
    ("word", "before", "after"), [("floor", -100, 0), ("threshold", -100, 0), ("threshold", 0, -40)]
)
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Gate, word, before, after) < -60


@pytest.mark.parametrize(("attack", "release"), [(0.5, 0.01), (0.001, 0.1), (0.02, 0.02), (0.001, 0.002)])
def test_attack_and_release_are_independent_and_exact(attack, release):
    loud = int(48_000 * (8 * attack + 0.05))
    audio = np.concatenate([np.ones(loud), np.full(int(48_000 * (10 * release + 0.1)), 1e-7)])
    block = block_of(Gate, audio=audio, attack=attack, release=release, hold=0.0, floor=-100.0)
    Gate.process(block)
    gain = 10 ** (-block.reduction[:, 0] / 20)
    assert np.argmax(gain >= 1 - np.exp(-1)) == pytest.approx(48_000 * attack, rel=0.03, abs=2)
    assert np.argmax(gain[loud:] <= np.exp(-1)) == pytest.approx(48_000 * release, rel=0.03, abs=2)


def test_the_reduction_is_0_db_open_and_the_floor_closed():
    block = block_of(Gate, audio=np.concatenate([np.full(9_600, 0.1), np.full(96_000, 1e-4)]), floor=-60.0)
    Gate.process(block)
    assert block.reduction[9_000, 0] == pytest.approx(0, abs=1e-3)
    assert block.reduction[-1, 0] == pytest.approx(60, abs=0.01)
