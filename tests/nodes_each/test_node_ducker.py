from __future__ import annotations

import numpy as np
import pytest
from measure import click_of

from graph.testing import block_of
from nodes import Ducker


def ducked(sidechain, **values):
    audio = np.ones(len(sidechain))
    block = block_of(Ducker, audio=audio, sidechain=np.asarray(sidechain), **values)
    Ducker.process(block)
    return 20 * np.log10(block.out[:, 0].astype(np.float64))


@pytest.mark.parametrize("level", [0.02, 1.0])
def test_it_goes_down_by_the_depth_however_loud_the_other_is(level):
    assert ducked(np.full(9_600, level), depth=15.0)[-1] == pytest.approx(-15, abs=0.01)


def test_below_the_threshold_nothing_happens():
    assert (ducked(np.full(4_800, 0.009)) == 0).all()


def test_it_holds_through_gaps_and_recovers_after_the_hold():
    out = ducked(np.concatenate([np.ones(9_600), np.zeros(4_000), np.ones(100), np.zeros(40_000)]), release=0.1)
    assert out[9_600:13_700].max() < -11.9
    assert out[13_700 + 4_700] < -11.9
    assert out[-1] > -0.1


def test_down_and_up_again_without_a_corner():
    out = 10 ** (ducked(np.concatenate([np.zeros(2_400), np.ones(9_600), np.zeros(24_000)])) / 20)
    assert np.abs(np.diff(out, 2)).max() < 3e-5


@pytest.mark.parametrize(("word", "before", "after"), [("depth", 0, 80), ("threshold", -100, 0)])
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Ducker, word, before, after, sidechain=np.full(24_000, 0.3)) < -60


@pytest.mark.parametrize(("attack", "release"), [(0.5, 0.01), (0.01, 0.25), (0.1, 0.1)])
def test_attack_and_release_are_independent_and_exact(attack, release):
    loud = int(48_000 * (8 * attack + 0.05))
    key = np.concatenate([np.ones(loud), np.zeros(int(48_000 * (10 * release + 0.1)))])
    block = block_of(Ducker, audio=np.ones(len(key)), sidechain=key, attack=attack, release=release, hold=0.0)
    Ducker.process(block)
    part = block.reduction[:, 0] / 12
    assert np.argmax(part >= 1 - np.exp(-1)) == pytest.approx(48_000 * attack, rel=0.01)
    assert np.argmax(part[loud:] <= np.exp(-1)) == pytest.approx(48_000 * release, rel=0.01)
    assert block.reduction[:, 0] == pytest.approx(-20 * np.log10(block.out[:, 0]), abs=1e-4)
