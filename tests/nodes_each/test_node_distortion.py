from __future__ import annotations

import numpy as np
import pytest
from measure import alias_of, click_of, response

from graph.testing import block_of
from nodes import Distortion


@pytest.mark.parametrize("freq", [1_000.0, 3_000.0, 5_000.0])
def test_aliases_of_a_sine_driven_by_20_db_are_below_minus_60_db(freq):
    assert alias_of(Distortion, freq, 10.0, tone=20_000.0) < -60


def driven(drive, tone=20_000.0):
    n = np.arange(9_600)
    block = block_of(Distortion, audio=np.sin(2 * np.pi * 500 / 48_000 * n), drive=drive, tone=tone)
    Distortion.process(block)
    return block.out[4_800:, 0].astype(np.float64)


def test_a_sine_becomes_a_square():
    level = np.abs(np.fft.rfft(driven(1_000.0)))[50:1_000:100] / 2_400
    assert level == pytest.approx(4 / np.pi / np.arange(1, 20, 2), rel=0.02)


def test_signals_below_full_scale_are_not_clipped():
    assert np.abs(driven(0.9)).max() == pytest.approx(0.9, rel=2e-3)


def test_the_tone_is_a_low_pass():
    freq, gain = response(Distortion, drive=0.1, tone=1_000.0)
    assert np.interp(1_000, freq, np.abs(gain)) == pytest.approx(0.0707, rel=0.01)


def test_tiny_steps_are_as_exact_as_large_ones():
    audio = 0.3 + 1e-7 * np.arange(400)
    block = block_of(Distortion, audio=audio, drive=1.0, tone=20_000.0)
    Distortion.process(block)
    assert block.out[300:, 0] == pytest.approx(0.3, abs=1e-4)


@pytest.mark.parametrize(("word", "before", "after"), [("drive", 0, 1.5), ("tone", 200, 20_000)])
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Distortion, word, before, after, **({} if word == "drive" else {"drive": 1.0})) < -60
