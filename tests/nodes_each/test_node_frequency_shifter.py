"""FrequencyShifter: a single sideband at the right frequency, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step

from graph.native.functions import PLAIN
from graph.testing import block_of, node_contract
from nodes import FrequencyShifter

RATE = 48_000.0


def lines(freq, rate=RATE, port="out", **inputs):
    """Levels in dB of a shifted sine of `freq` in bins of 1 Hz, once it has settled."""
    seconds = 2
    time = np.arange(int(seconds * rate)) / rate
    block = block_of(FrequencyShifter, audio=np.sin(2 * np.pi * freq * time), sample_rate=rate, **inputs)
    FrequencyShifter.process(block)
    settled = getattr(block, port)[-int(rate) :, 0].astype(np.float64)
    return 20 * np.log10(np.abs(np.fft.rfft(settled)) / (rate / 2) + 1e-9)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(FrequencyShifter, sample_rate=sample_rate)


@pytest.mark.parametrize(("freq", "shift"), [(1_000, 50), (1_000, -300), (40, 7), (15_000, 2_000)])
def test_a_sine_moves_by_the_shift_and_leaves_no_image(freq, shift):
    level = lines(freq, shift=shift)
    assert level[freq + shift] == pytest.approx(0, abs=0.01)
    level[freq + shift] = -200
    assert level.max() < -75


def test_the_mirror_moves_the_other_way():
    level = lines(1_000, shift=50, port="mirror")
    assert np.argmax(level) == 950
    assert level[1_050] < -75


@pytest.mark.parametrize(("rate", "image"), [(8_000.0, -90)] if PLAIN else [(8_000.0, -90), (192_000.0, -59)])
def test_at_the_slowest_and_fastest_rate_too(rate, image):
    level = lines(300, rate, shift=20.0)
    assert np.argmax(level) == 320
    assert level[280] < image


def test_without_shift_everything_passes_as_loud():
    audio = np.zeros(32_000)
    audio[0] = 1
    block = block_of(FrequencyShifter, audio=audio, shift=0.0)
    FrequencyShifter.process(block)
    np.testing.assert_allclose(np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64)))[20:-20], 1, atol=1e-3)


def test_feedback_shifts_again_and_again_each_time_softer():
    level = lines(1_000, shift=100, feedback=0.5)
    assert [int(f) for f in np.sort(np.argsort(level)[-5:])] == [1_100, 1_200, 1_300, 1_400, 1_500]
    np.testing.assert_allclose(np.diff(level[1_100:1_500:100]), 20 * np.log10(0.5), atol=0.1)


@pytest.mark.parametrize(("port", "before", "after"), [("shift", -500.0, 500.0), ("feedback", -0.5, 0.5)])
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_step(FrequencyShifter, port, before, after) < -60


@pytest.mark.parametrize("mix", [0.0, 0.3, 0.5, 1.0])
def test_a_mix_without_shift_does_not_comb(mix):
    audio = np.zeros(32_000)
    audio[0] = 1
    block = block_of(FrequencyShifter, audio=audio, shift=0.0, mix=mix)
    FrequencyShifter.process(block)
    np.testing.assert_allclose(np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64)))[20:-20], 1, atol=1e-3)


def test_mix_is_the_level_of_the_signal_against_the_shifted_one():
    level = lines(1_000, shift=200, mix=0.25)
    assert level[1_000] == pytest.approx(20 * np.log10(0.75), abs=0.01)
    assert level[1_200] == pytest.approx(20 * np.log10(0.25), abs=0.01)
