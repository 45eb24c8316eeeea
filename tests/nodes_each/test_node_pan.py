"""Pan: laws, spread, sums."""

from __future__ import annotations

import numpy as np
import pytest

from graph import NodeError
from graph.testing import block_of
from nodes import Pan

RANDOM = np.random.default_rng(5)
POSITIONS = np.linspace(-1, 1, 201, dtype=np.float32)


def panned(audio, **inputs):
    block = block_of(Pan, audio=audio, **inputs)
    Pan.process(block)
    assert block.out.shape[1] == 2
    return block.out.astype(np.float64)


def gains(law):
    return panned(np.ones(201, np.float32), position=POSITIONS, law=law)


def test_power_is_constant_at_every_position():
    np.testing.assert_allclose((gains("constant_power") ** 2).sum(axis=1), 1, atol=1e-6)


def test_resting_voices_are_placed_like_moving_ones():
    audio = RANDOM.standard_normal((30, 5)).astype(np.float32)
    still = panned(audio, position=np.full((30, 5), 0.3), spread=0.8)
    moving = np.full((30, 5), 0.3)
    moving[-1] = 0.9
    np.testing.assert_allclose(panned(audio, position=moving, spread=0.8)[:-1], still[:-1], atol=1e-6)
    spread = np.full((30, 1), 0.8)
    spread[-1] = 0.1
    np.testing.assert_allclose(panned(audio, position=0.3, spread=spread)[:-1], still[:-1], atol=1e-6)


def test_the_linear_law_keeps_the_sum_to_mono():
    np.testing.assert_allclose(gains("linear").sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("law", "decibels"), [("constant_power", -3.0103), ("compromise", -4.5154), ("linear", -6.0206)]
)
def test_the_center_is_equal_and_at_the_level_of_the_law(law, decibels):
    np.testing.assert_allclose(20 * np.log10(gains(law)[100]), decibels, atol=1e-3)


@pytest.mark.parametrize("law", ["constant_power", "linear", "compromise"])
def test_hard_left_and_right_are_silent_on_the_other_side(law):
    ends = gains(law)[[0, -1]]
    assert ends[0, 1] == ends[1, 0] == 0
    np.testing.assert_allclose([ends[0, 0], ends[1, 1]], 1, atol=1e-6)


@pytest.mark.parametrize("law", ["constant_power", "linear", "compromise"])
def test_a_voice_that_moves_right_never_gains_on_the_left(law):
    assert (np.diff(gains(law)[:, 0]) < 1e-6).all()
    np.testing.assert_allclose(gains(law)[:, 0], gains(law)[::-1, 1], atol=1e-6)


def test_voices_sum_each_from_its_own_position():
    audio = RANDOM.standard_normal((30, 5)).astype(np.float32)
    position = RANDOM.uniform(-1, 1, (30, 5)).astype(np.float32)
    angle = (position.astype(np.float64) + 1) * np.pi / 4
    expected = np.stack([(audio * np.cos(angle)).sum(axis=1), (audio * np.sin(angle)).sum(axis=1)], axis=1)
    np.testing.assert_allclose(panned(audio, position=position), expected, atol=1e-5)


def places(voices, spread=1.0):
    """Position of each voice, from one sample of each in turn, under the linear law."""
    left, right = panned(np.eye(voices, dtype=np.float32), spread=spread, law="linear", voices=voices).T
    return right - left


@pytest.mark.parametrize("voices", [2, 3, 8, 16])
def test_spread_spaces_the_voices_evenly_from_hard_left_to_hard_right(voices):
    np.testing.assert_allclose(np.sort(places(voices)), np.linspace(-1, 1, voices), atol=1e-6)
    np.testing.assert_allclose(places(voices, 0.5), places(voices) / 2, atol=1e-6)
    np.testing.assert_allclose(places(voices, 0.0), 0, atol=1e-6)


@pytest.mark.parametrize("voices", [8, 16, 64])
def test_the_first_few_of_many_voices_are_balanced_too(voices):
    for count in range(2, voices):
        assert abs(places(voices)[:count].mean()) < 0.3


def test_one_voice_stays_in_the_center_however_wide_the_spread():
    left, right = panned(np.ones(4, np.float32), spread=1.0).T
    np.testing.assert_array_equal(left, right)


def test_a_spread_voice_that_is_moved_too_far_stops_at_the_side():
    out = panned(np.ones((4, 2), np.float32), spread=1.0, position=1.0, law="linear")
    np.testing.assert_allclose(out, [[0.5, 1.5]] * 4)


@pytest.mark.parametrize("law", ["constant_power", "linear", "compromise"])
def test_a_stereo_voice_in_the_center_passes_unchanged(law):
    audio = RANDOM.standard_normal((30, 2)).astype(np.float32)
    np.testing.assert_allclose(panned(audio, channels=2, law=law), audio, rtol=1e-6)


def test_a_stereo_voice_that_moves_fades_on_the_far_side_only():
    audio = np.ones((201, 2), np.float32)
    left, right = panned(audio, channels=2, position=np.stack([POSITIONS, POSITIONS], axis=1)).T
    np.testing.assert_allclose(left[:101], 1, atol=1e-6)
    np.testing.assert_allclose(right[100:], 1, atol=1e-6)
    assert left[-1] == right[0] == 0
    np.testing.assert_allclose(left[150], np.sqrt(2) * np.cos(1.5 * np.pi / 4), atol=1e-6)


def test_stereo_voices_keep_their_channels_apart():
    audio = RANDOM.standard_normal((30, 6)).astype(np.float32)
    expected = audio.astype(np.float64).reshape(30, 2, 3).sum(axis=2)
    np.testing.assert_allclose(panned(audio, voices=3, channels=2), expected, atol=1e-5)


def test_positions_beyond_the_range_are_held_at_the_sides():
    wild = np.array([-1e9, -2, 2, 1e9, np.inf], np.float32)
    np.testing.assert_allclose(panned(np.ones(5, np.float32), position=wild)[:, 0], [1, 1, 0, 0, 0], atol=1e-6)


def test_more_channels_than_two_are_an_error():
    with pytest.raises(NodeError, match="mono or stereo"):
        block_of(Pan, audio=np.ones((4, 4), np.float32), channels=4)
