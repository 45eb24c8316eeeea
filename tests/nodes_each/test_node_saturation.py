from __future__ import annotations

import numpy as np
import pytest
from measure import alias_of, click_of, db, response

from graph.testing import block_of
from nodes import Saturation


@pytest.mark.parametrize("bias", [0.0, 1.0])
@pytest.mark.parametrize("freq", [1_000.0, 3_000.0, 5_000.0])
def test_aliases_of_a_sine_driven_by_20_db_are_below_minus_60_db(freq, bias):
    assert alias_of(Saturation, freq, 10.0, bias=bias) < -60


def test_quiet_signals_gain_the_drive_and_keep_their_color():
    freq, gain = response(Saturation, drive=0.001, bias=0.0)
    part = (freq > 100) & (freq < 20_000)
    assert np.abs(db(gain) + 60)[part].max() < 0.06


def tone(**inputs):
    n = np.arange(9_600)
    block = block_of(Saturation, audio=0.5 * np.sin(2 * np.pi * 500 / 48_000 * n), **inputs)
    Saturation.process(block)
    return block.out[4_800:, 0].astype(np.float64)


def test_the_curve_is_a_hyperbolic_tangent():
    level = np.abs(np.fft.rfft(tone(drive=4.0, bias=0.0)))[50::100] / 2_400
    t = np.arange(4_800) * 500 / 48_000
    truth = np.abs(np.fft.rfft(np.tanh(2 * np.sin(2 * np.pi * t))))[50::100] / 2_400
    assert level[:8] == pytest.approx(truth[:8], abs=2e-3)


def test_a_bias_brings_the_octave_and_no_offset():
    spectrum = np.abs(np.fft.rfft(tone(bias=0.5))) / 2_400
    assert spectrum[100] > 0.03
    assert spectrum[0] < 5e-3
    assert np.abs(np.fft.rfft(tone(bias=0.0)))[100] / 2_400 < 1e-4


def test_silence_stays_silent_with_a_bias():
    block = block_of(Saturation, audio=np.zeros(200), bias=1.0)
    Saturation.process(block)
    assert np.abs(block.out[50:]).max() < 1e-6


@pytest.mark.parametrize(("word", "before", "after"), [("drive", 0, 1), ("bias", 0, 1)])
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Saturation, word, before, after, **({} if word == "drive" else {"drive": 0.5})) < -60
