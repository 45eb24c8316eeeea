from __future__ import annotations

import numpy as np
import pytest
from measure import click_of

from graph.testing import block_of
from nodes import Compressor


def compressed(audio, channels=1, **values):
    block = block_of(Compressor, audio=audio, channels=channels, voices=1, **values)
    Compressor.process(block)
    return block.out.astype(np.float64)


def curve(level, threshold, ratio, knee):
    over = level - threshold
    if 2 * over < -knee:
        return level
    if 2 * abs(over) <= knee:
        return level + (1 / ratio - 1) * (over + knee / 2) ** 2 / (2 * knee)
    return threshold + over / ratio


@pytest.mark.parametrize("knee", [0.0, 6.0, 20.0])
@pytest.mark.parametrize("ratio", [1.5, 4.0, 100.0])
def test_the_static_curve_is_the_textbooks_within_0_1_db(ratio, knee):
    for level in (-50.0, -28.0, -22.0, -18.0, -10.0, 0.0, 6.0):
        audio = np.full(4_800, 10 ** (level / 20))
        out = compressed(audio, threshold=-20.0, ratio=ratio, knee=knee, attack=0.001, release=0.01)
        assert 20 * np.log10(out[-1, 0]) == pytest.approx(curve(level, -20, ratio, knee), abs=0.01)


@pytest.mark.parametrize("level", [-30.0, -14.0, 0.0])
def test_a_sine_meets_the_curve_of_its_crest_within_0_1_db(level):
    audio = 10 ** (level / 20) * np.sin(2 * np.pi * 1_000 / 48_000 * np.arange(24_000))
    out = compressed(audio, threshold=-20.0, ratio=4.0, knee=6.0, attack=0.005, release=0.3)
    assert 20 * np.log10(np.abs(out[-4_800:]).max()) == pytest.approx(curve(level, -20, 4, 6), abs=0.1)


def test_attack_and_release_are_exponentials_in_decibels():
    audio = np.concatenate([np.full(4_800, 0.01), np.ones(9_600), np.full(9_600, 0.01)])
    out = compressed(audio, threshold=-20.0, ratio=100.0, knee=0.0, attack=0.02, release=0.05)
    cut = -20 * np.log10(out[:, 0] / audio)
    t = np.arange(1, 9_601) / 48_000
    assert cut[4_800:14_400] == pytest.approx(19.8 * (1 - np.exp(-t / 0.02)), abs=0.05)
    assert cut[14_400 + 4_800 :] == pytest.approx(cut[14_400 + 4_800] * np.exp(-t[:4_800] / 0.05), rel=0.15)


def test_channels_share_a_gain():
    audio = np.stack([np.full(4_800, 0.01), np.ones(4_800)], axis=1)
    out = compressed(audio, channels=2, threshold=-20.0, ratio=2.0, knee=0.0, attack=0.001)
    assert 20 * np.log10(out[-1, 0] / 0.01) == pytest.approx(-10, abs=0.05)


def test_a_side_chain_decides_where_one_is_connected():
    quiet, loud = np.full(4_800, 0.01), np.ones(4_800)
    given = {"threshold": -20.0, "ratio": 2.0, "knee": 0.0, "attack": 0.001, "given": np.array([1])}
    assert 20 * np.log10(compressed(quiet, sidechain=loud, **given)[-1, 0]) == pytest.approx(-50, abs=0.05)
    assert compressed(loud, sidechain=quiet, **given)[-1, 0] == pytest.approx(1)
    made = Compressor(audio=1.0, sidechain=1.0)
    assert made.inputs["sidechain"] == 1.0


def test_with_look_ahead_the_gain_is_there_before_the_peak():
    audio = np.concatenate([np.full(4_800, 0.01), np.ones(2_400)])
    values = {"threshold": -20.0, "ratio": 100.0, "knee": 0.0, "attack": 0.002}
    assert compressed(audio, **values).max() > 0.9
    out = compressed(audio, lookahead=0.01, **values)
    assert out.max() < 0.12
    assert np.flatnonzero(out[:, 0] > 0.05)[0] == 4_800 + 480


def test_makeup_is_added():
    assert compressed(np.full(480, 0.01), makeup=12.0)[-1, 0] == pytest.approx(0.01 * 10**0.6, rel=1e-4)


@pytest.mark.parametrize(
    ("word", "before", "after"), [("threshold", -80, 0), ("ratio", 1, 100), ("makeup", -24, 24), ("knee", 0, 40)]
)
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(Compressor, word, before, after) < -60


def fall_to_37_percent(reduction):
    """Frames from the start of a release until 1/e of the reduction is left."""
    return int(np.argmax(reduction <= reduction[0] * np.exp(-1)))


@pytest.mark.parametrize(("attack", "release"), [(0.0, 0.01), (0.5, 0.01), (0.1, 0.1), (0.02, 0.3), (0.5, 0.5)])
def test_the_release_is_exact_at_any_attack(attack, release):
    loud = int(48_000 * (4 * attack + 0.05))
    audio = np.concatenate([np.ones(loud), np.full(int(48_000 * (8 * release + 0.1)), 0.001)])
    block = block_of(Compressor, audio=audio, ratio=100.0, knee=0.0, attack=attack, release=release)
    Compressor.process(block)
    assert fall_to_37_percent(block.reduction[loud:, 0]) == pytest.approx(48_000 * release, rel=0.03)


def test_the_attack_is_exact_at_any_release():
    for release in (0.01, 1.0):
        block = block_of(Compressor, audio=np.ones(96_000), ratio=100.0, knee=0.0, attack=0.1, release=release)
        Compressor.process(block)
        rise = block.reduction[:, 0] / block.reduction[-1, 0]
        assert np.argmax(rise >= 1 - np.exp(-1)) == pytest.approx(4_800, rel=0.01)


def test_the_reduction_is_what_was_taken_off_in_decibels():
    audio = np.concatenate([np.full(4_800, 0.01), np.ones(9_600)])
    block = block_of(Compressor, audio=audio, makeup=6.0)
    Compressor.process(block)
    assert block.reduction[:, 0] == pytest.approx(6 - 20 * np.log10(block.out[:, 0] / audio), abs=1e-4)
    assert block.reduction[-1, 0] == pytest.approx(13.5, abs=0.1)


def test_there_is_one_reduction_for_all_channels_of_a_voice():
    block = block_of(Compressor, audio=np.ones((480, 2)), channels=2, voices=1)
    Compressor.process(block)
    assert block.reduction.shape == (480, 1)
