from __future__ import annotations

import numpy as np
from measure import render

from nodes import Sine


def test_it_is_a_sine_that_starts_at_0():
    out = render(Sine, 4_800, freq=100.0)
    assert np.abs(out - np.sin(2 * np.pi * np.arange(4_800) / 480)).max() < 1e-5


def test_everything_but_the_tone_is_below_minus_120_db():
    power = np.abs(np.fft.rfft(render(Sine, 48_000, freq=997.0) * np.kaiser(48_000, 26))) ** 2
    tone = power[980:1015].sum()
    power[980:1015] = 0
    assert 10 * np.log10(power.sum() / tone) < -120


def test_phase_is_in_cycles():
    quarter = render(Sine, 500, freq=1_000.0, phase=0.25)
    assert np.abs(quarter - np.cos(2 * np.pi * np.arange(500) / 48)).max() < 1e-5
    assert np.abs(render(Sine, 500, freq=1_000.0, phase=-99.75) - quarter).max() < 1e-4


def test_phase_modulation_gives_bessel_sidebands():
    from scipy.special import jv

    index, n = 2.5, np.arange(48_000)
    out = render(Sine, 48_000, freq=3_000.0, phase=index / (2 * np.pi) * np.sin(2 * np.pi * 100 * n / 48_000))
    lines = np.abs(np.fft.rfft(out))[3_000:4_000:100] / 24_000
    assert np.abs(lines - np.abs(jv(np.arange(10), index))).max() < 1e-4


def test_at_0_hz_the_output_is_constant():
    assert np.ptp(render(Sine, 100, freq=0)) == 0
