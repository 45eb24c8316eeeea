from __future__ import annotations

import numpy as np
import pytest
from measure import click_of, db, response

from graph.testing import block_of
from nodes import DcBlock


def test_an_offset_is_gone_exactly():
    block = block_of(DcBlock, audio=np.full(48_000, 0.7), cutoff=20.0)
    DcBlock.process(block)
    assert np.abs(block.out[-10:]).max() < 1e-30


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_the_corner_is_minus_3_db(sample_rate):
    freq, gain = response(DcBlock, sample_rate, cutoff=100.0, frames=round(0.4 * sample_rate))
    assert db(gain)[freq == 100.0][0] == pytest.approx(-3.01, abs=0.01)


def test_audible_frequencies_pass():
    freq, gain = response(DcBlock, frames=48_000)
    assert np.abs(db(gain)[freq > 60]).max() < 0.15


def test_a_step_falls_as_one_exponential():
    block = block_of(DcBlock, audio=np.ones(4_800), cutoff=20.0)
    DcBlock.process(block)
    t = (np.arange(4_800) + 0.5) / 48_000
    assert np.abs(block.out[:, 0] - np.exp(-2 * np.pi * 20 * t)).max() < 1e-4


def test_a_changed_value_does_not_click():
    assert click_of(DcBlock, "cutoff", 1, 200) < -60
