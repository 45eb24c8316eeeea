"""Crossfade: laws and ends."""

from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of, node_contract
from nodes import Crossfade

POSITIONS = np.linspace(0, 1, 101)


def gains(law):
    block = block_of(Crossfade, a=np.ones(101), b=0.0, position=POSITIONS, law=law)
    Crossfade.process(block)
    a = block.out[:, 0].astype(np.float64)
    block = block_of(Crossfade, a=0.0, b=np.ones(101), position=POSITIONS, law=law)
    Crossfade.process(block)
    return a, block.out[:, 0].astype(np.float64)


@pytest.mark.parametrize("law", ["constant_power", "linear"])
def test_it_keeps_the_contract(law):
    node_contract(Crossfade, law=law)


def test_the_power_of_two_unlike_signals_stays_within_a_hundredth_of_a_decibel():
    a, b = gains("constant_power")
    assert np.abs(10 * np.log10(a**2 + b**2)).max() < 0.01


def test_the_linear_law_leaves_two_equal_signals_unchanged():
    a, b = gains("linear")
    np.testing.assert_allclose(a + b, 1, atol=1e-6)


@pytest.mark.parametrize(("law", "decibels"), [("constant_power", -3.0103), ("linear", -6.0206)])
def test_the_middle_has_the_level_of_the_law(law, decibels):
    for gain in gains(law):
        assert 20 * np.log10(gain[50]) == pytest.approx(decibels, abs=1e-4)


@pytest.mark.parametrize("law", ["constant_power", "linear"])
def test_either_end_is_one_signal_alone_bit_by_bit(law):
    a, b = gains(law)
    assert a[0] == b[-1] == 1
    assert a[-1] == b[0] == 0
