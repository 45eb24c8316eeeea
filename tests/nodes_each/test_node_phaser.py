"""Phaser: the frequencies of its notches and peaks."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step
from scipy.signal import freqz

from graph.testing import block_of, node_contract
from nodes import Phaser

RATE = 48_000.0


def response(frames=16_000, **inputs):
    """Spectrum of a static phaser in bins of 3 Hz."""
    audio = np.zeros(frames)
    audio[0] = 1
    block = block_of(Phaser, audio=audio, sample_rate=RATE, **{"depth": 0.0, "feedback": 0.0, **inputs})
    Phaser.process(block)
    return np.fft.rfft(block.out[:, 0].astype(np.float64))


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(Phaser, sample_rate=sample_rate)


@pytest.mark.parametrize("stages", [2, 4, 6, 12])
def test_each_pair_of_stages_makes_a_notch_where_the_chain_has_turned_by_half(stages):
    magnitude = np.abs(response(stages=stages, center=900.0))
    turned = np.pi * (2 * np.arange(stages // 2) + 1) / stages / 2
    warped = np.arctan(np.tan(turned) * np.tan(np.pi * 900 / RATE)) * RATE / np.pi
    for notch in warped:
        center = round(notch / 3)
        assert magnitude[center - 1 : center + 2].min() < 0.02


@pytest.mark.parametrize("feedback", [0.8, -0.8])
def test_with_feedback_it_is_the_ideal_loop_without_any_delay(feedback):
    warp = np.tan(np.pi * 900 / RATE)
    b = np.array([(warp - 1) / (warp + 1), 1])
    freq = np.arange(8_001) * 3.0
    _, one = freqz(b, b[::-1], freq, fs=RATE)
    chain = one**4
    ideal = 0.5 + 0.5 * chain / (1 - feedback * chain)
    np.testing.assert_allclose(response(stages=4, center=900.0, feedback=feedback), ideal, atol=2e-4)


def test_the_chain_alone_passes_everything_as_loud():
    np.testing.assert_allclose(np.abs(response(mix=1.0)), 1, atol=1e-4)


def test_the_notch_wanders_by_the_depth_in_octaves():
    frames = 16_000
    for phase, octaves in ((0.25, 1.0), (0.75, -1.0)):
        still = np.abs(response(frames, stages=2, center=900.0 * 2**octaves))
        moving = np.abs(response(frames, stages=2, center=900.0, depth=1.0, rate=0.01, phase=phase))
        assert abs(int(np.argmin(moving)) - int(np.argmin(still))) <= 2


@pytest.mark.parametrize("feedback", [0.95, -0.95])
def test_it_stays_bounded_however_wildly_it_is_moved(feedback):
    random = np.random.default_rng(3)
    center = np.exp(random.uniform(np.log(20), np.log(10_000), 20_000))
    block = block_of(Phaser, audio=random.uniform(-1, 1, 20_000), center=center, feedback=feedback, stages=12)
    Phaser.process(block)
    assert np.abs(block.out).max() < 100


@pytest.mark.parametrize(
    ("port", "before", "after"),
    [("center", 200.0, 5_000.0), ("depth", 0.0, 4.0), ("feedback", -0.8, 0.8), ("mix", 0, 1)],
)
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_step(Phaser, port, before, after) < -60


def stereo(audio, **inputs):
    block = block_of(Phaser, audio=audio, sample_rate=RATE, **inputs)
    Phaser.process(block)
    return block.out.astype(np.float64)


def test_spread_opens_a_mono_signal_to_stereo_and_none_leaves_it_mono():
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, 48_000)
    same, wide = (stereo(noise, rate=2.0, spread=spread) for spread in (0.0, 0.5))
    np.testing.assert_array_equal(same[:, 0], same[:, 1])
    np.testing.assert_array_equal(wide[:, 0], same[:, 0])
    assert np.std(wide[:, 1] - wide[:, 0]) > 0.1 * np.std(wide[:, 0])


@pytest.mark.parametrize("spread", [0.25, 0.5])
def test_the_right_side_sweeps_the_spread_later(spread):
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, 16_000)
    right = stereo(noise, rate=2.0, spread=spread)[:, 1]
    moved = stereo(noise, rate=2.0, phase=spread)[:, 0]
    np.testing.assert_allclose(right, moved, atol=1e-6)


def test_a_stereo_signal_keeps_its_sides():
    left = np.random.default_rng(2).uniform(-0.5, 0.5, 4_000)
    out = stereo(np.stack([left, np.zeros(4_000)], axis=1), spread=0.5)
    assert (out[:, 1] == 0).all()


def test_every_voice_has_its_two_sides():
    one, two = np.random.default_rng(2).uniform(-0.5, 0.5, (2, 4_000))
    block = block_of(Phaser, audio=np.stack([one, two, one, two], axis=1), voices=2, channels=2, spread=0.3)
    Phaser.process(block)
    for voice, sound in enumerate((one, two)):
        alone = stereo(sound, spread=0.3)
        np.testing.assert_allclose(block.out[:, [voice, voice + 2]], alone, atol=1e-6)
