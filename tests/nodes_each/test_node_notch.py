from __future__ import annotations

import numpy as np
import pytest
from measure import assert_is_bilinear, click_of

from graph.testing import block_of
from nodes import Notch


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 2.0])
@pytest.mark.parametrize("place", [0.02, 0.1, 0.35])
def test_response_is_the_bilinear_designs(place, q, sample_rate):
    assert_is_bilinear(Notch, [1, 0, 1], [1, 1 / q, 1], min(place * sample_rate, 20_000.0), sample_rate, q=q)


@pytest.mark.parametrize("cutoff", [100.0, 1_000.0, 10_000.0])
def test_the_cutoff_vanishes(cutoff):
    tone = np.sin(2 * np.pi * cutoff / 48_000 * np.arange(24_000))
    block = block_of(Notch, audio=tone, cutoff=cutoff, q=2.0)
    Notch.process(block)
    assert np.abs(block.out[-2_000:]).max() < 1e-4


@pytest.mark.parametrize(("word", "before", "after"), [("cutoff", 220, 5_000), ("q", 0.5, 100)])
def test_a_number_that_is_changed_does_not_click(word, before, after):
    assert click_of(Notch, word, before, after) < -60
