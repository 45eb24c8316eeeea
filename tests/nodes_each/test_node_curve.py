from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Curve

X = np.linspace(0, 1, 101)


def bent(audio=X, **values):
    block = block_of(Curve, audio=audio, **values)
    Curve.process(block)
    return block.out[:, 0]


@pytest.mark.parametrize("bend", [-1.0, -0.3, 0.0, 0.7, 1.0])
def test_both_ends_are_exact_and_it_only_rises(bend):
    out = bent(bend=bend, low=20.0, high=80.0)
    assert out[[0, -1]] == pytest.approx([20, 80], abs=1e-5)
    assert (np.diff(out) > 0).all()


def test_no_bend_is_straight():
    assert bent() == pytest.approx(X, abs=1e-6)


def test_the_opposite_bend_is_the_inverse():
    assert bent(bent(bend=0.6), bend=-0.6) == pytest.approx(X, abs=1e-5)


def test_the_midpoint_follows_the_bend():
    assert bent(np.array([0.5]), bend=0.5)[0] == pytest.approx(0.5 + 0.499 * 0.5, abs=1e-6)
