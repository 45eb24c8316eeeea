"""The eight-point delay line: exact delays, even loudness, stable loops."""

from __future__ import annotations

import numpy as np

from nodes.dsp.delays.fractional import FILTERS, PHASES, TAPS

FREQ = np.linspace(0, 0.5, 513)[1:]
FRACTION = np.arange(PHASES + 1)[:, None] / PHASES
DELAY = np.arange(TAPS)[::-1] - TAPS // 2 + 1
RESPONSE = FILTERS.astype(np.float64) @ np.exp(-2j * np.pi * np.outer(DELAY, FREQ))


def test_the_delay_is_exact_to_a_hundredth_of_a_sample_up_to_15_khz_at_48():
    heard = FREQ <= 15 / 48
    wrong = np.angle(RESPONSE * np.exp(2j * np.pi * FRACTION * FREQ)) / (2 * np.pi * FREQ)
    assert np.abs(wrong[:, heard]).max() < 0.01


def test_the_loss_at_15_khz_is_at_most_half_a_decibel():
    heard = FREQ <= 15 / 48
    assert 20 * np.log10(np.abs(RESPONSE[:, heard]).min()) > -0.5


def test_below_10_khz_at_48_the_error_is_below_66_db():
    heard = FREQ <= 10 / 48
    assert 20 * np.log10(np.abs(RESPONSE - np.exp(-2j * np.pi * FRACTION * FREQ))[:, heard].max()) < -66


def test_nothing_gets_louder_so_that_no_loop_grows():
    assert np.abs(RESPONSE).max() < 1.0006


def test_whole_samples_pass_bit_by_bit():
    np.testing.assert_array_equal(FILTERS[0], DELAY == 0)
    np.testing.assert_array_equal(FILTERS[PHASES], DELAY == 1)
