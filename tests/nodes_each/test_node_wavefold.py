from __future__ import annotations

import numpy as np
import pytest
from alias import alias, compiled
from scipy.special import jv

from graph.testing import block_of
from nodes import Wavefold


def render(audio, **values):
    block = block_of(Wavefold, audio=audio, **values)
    Wavefold.process(block)
    return block.out[:, 0].astype(np.float64)


def tone(freq, frames=48_000):
    return np.sin(2 * np.pi * freq * np.arange(frames) / 48_000)


@compiled
@pytest.mark.parametrize("drive", [1.0, 3.0, 6.0])
def test_a_sine_yields_the_bessel_functions_of_the_drive(drive):
    heard = np.abs(np.fft.rfft(render(tone(200), drive=drive)[24_000:])) / 12_000
    for k in range(1, 20, 2):
        assert heard[100 * k] == pytest.approx(2 * abs(jv(k, np.pi / 2 * drive)), abs=2e-3)
    assert heard[200:2_000:200].max() < 1e-4


@compiled
def test_a_drive_of_1_reaches_the_ceiling_and_more_never_passes_it():
    assert np.abs(render(tone(100), drive=1.0)).max() == pytest.approx(1, abs=0.01)
    for drive in (2.0, 5.0, 20.0):
        assert np.abs(render(tone(100), drive=drive)).max() < 1.02


@compiled
def test_aliases_of_5_khz_driven_by_20_db_are_under_minus_60_db():
    freq = 5_000.7
    n = np.arange(2**16)
    out = render(np.sin(2 * np.pi * freq * n / 48_000), drive=10.0)[2**15 :]
    print(f"wavefold, 5 kHz + 20 dB: {alias(out, freq):.1f} dB")
    assert alias(out, freq) < -60


@compiled
def test_symmetry_brings_even_harmonics_and_silence_stays_silence():
    heard = np.abs(np.fft.rfft(render(tone(200), drive=2.0, symmetry=0.5)[24_000:])) / 12_000
    assert heard[200] > 0.05
    assert np.abs(render(np.zeros(500), symmetry=0.7)).max() < 1e-6


@compiled
def test_quiet_signals_become_louder_by_the_drive():
    quiet = 1e-3 * tone(100)
    assert np.abs(render(quiet, drive=4.0)[4_800:]).max() == pytest.approx(np.pi / 2 * 4e-3, rel=0.01)
