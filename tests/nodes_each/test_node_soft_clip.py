"""SoftClip: the tanh curve and its consequences."""

from __future__ import annotations

import numpy as np
import pytest
from alias import compiled
from measure import alias_of, click_of, db

from graph.testing import block_of
from nodes import SoftClip


def clipped(audio, **inputs):
    block = block_of(SoftClip, audio=audio, **inputs)
    SoftClip.process(block)
    return block.out[:, 0].astype(np.float64)


@pytest.mark.parametrize("drive", [0.5, 1.0, 2.0, 100.0])
@pytest.mark.parametrize("level", [-3.0, -0.4, 0.01, 1.0])
def test_the_curve_is_tanh_of_the_driven_signal(level, drive):
    assert clipped(np.full(200, level), drive=drive)[150:] == pytest.approx(np.tanh(drive * level), abs=2e-6)


def test_a_smooth_signal_follows_the_curve_four_frames_late():
    time = np.arange(2_000) / 48_000
    out = clipped(np.sin(2 * np.pi * 300 * time), drive=2.0)
    truth = np.tanh(2 * np.sin(2 * np.pi * 300 * (time - 3.8 / 48_000)))
    assert out[200:] == pytest.approx(truth[200:], abs=2e-3)


def test_only_what_has_hard_edges_passes_full_scale_and_by_3_db_at_most():
    tone = 2 * np.sin(2 * np.pi * 441 / 48_000 * np.arange(4_000))
    assert np.abs(clipped(tone, drive=1.0)[200:]).max() < 1.001
    assert np.abs(clipped(tone, drive=100.0)[200:]).max() < 1.42


def test_quiet_signals_pass_at_unity_gain_to_18_khz():
    impulse = np.zeros(8_192)
    impulse[0] = 1e-3
    gain = db(np.fft.rfft(clipped(impulse)) / 1e-3)
    freq = np.fft.rfftfreq(8_192, 1 / 48_000)
    assert np.abs(gain[freq < 18_000]).max() < 0.2


def test_quiet_signals_gain_the_drive():
    np.testing.assert_allclose(clipped(np.full(200, 1e-4), drive=20.0)[150:], 2e-3, rtol=1e-4)


def test_drive_of_zero_is_silence():
    assert not clipped(np.ones(200, np.float32), drive=0.0).any()


def test_a_sine_gains_odd_harmonics_only():
    count, periods = 4096, 16
    sine = np.sin(2 * np.pi * periods * np.arange(2 * count) / count).astype(np.float32)
    level = np.abs(np.fft.rfft(clipped(sine, drive=3.0)[count:])) / (count / 2)
    odd, even = level[periods * 3 : periods * 20 : periods * 2], level[0 : periods * 20 : periods * 2]
    assert odd[0] > 0.1
    assert even.max() < 1e-6


@compiled
def test_aliases_of_a_sine_driven_by_20_db_are_below_minus_60_db():
    assert alias_of(SoftClip, 5_000.0, 10.0) < -70
    assert alias_of(SoftClip, 7_000.0, 10.0) < -60
    assert alias_of(SoftClip, 1_000.0, 100.0) < -60


@pytest.mark.parametrize(("before", "after"), [(1.0, 10.0), (0.0, 1.0)])
def test_a_drive_that_is_changed_does_not_click(before, after):
    assert click_of(SoftClip, "drive", before, after) < -60
