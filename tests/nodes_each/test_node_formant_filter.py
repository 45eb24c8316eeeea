from __future__ import annotations

import numpy as np
import pytest
from measure import click_of, db, response

from graph.testing import block_of
from nodes import FormantFilter


def peaks(**values):
    freq, gain = response(FormantFilter, frames=24_000, **values)
    level = db(gain)
    high = (level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])
    return freq[1:-1][high], level[1:-1][high]


@pytest.mark.parametrize(
    ("singer", "vowel", "freqs"),
    [
        ("bass", 0.0, (600, 1_040)),
        ("tenor", 2.0, (290, 1_870)),
        ("soprano", 4.0, (325, 700)),
        ("alto", 3.0, (450, 800)),
    ],
)
def test_the_first_two_formants_are_where_the_table_has_them(singer, vowel, freqs):
    freq, _ = peaks(singer=singer, vowel=vowel)
    for wanted in freqs:
        assert np.abs(freq / wanted - 1).min() < 0.02


def test_levels_are_the_tables():
    freq, level = peaks(singer="soprano", vowel=1.0)
    second = level[np.abs(freq - 2_000).argmin()]
    assert level[0] == pytest.approx(0, abs=0.5)
    assert second == pytest.approx(-20, abs=1.5)


def test_between_two_vowels_formants_are_between_theirs():
    freq, _ = peaks(singer="tenor", vowel=0.5)
    assert freq[0] == pytest.approx((650 * 400) ** 0.5, rel=0.02)


def test_a_smaller_head_moves_all_of_them_up():
    freq, _ = peaks(singer="tenor", shift=1.5)
    assert freq[:2] == pytest.approx([975, 1_620], rel=0.02)


def test_focus_narrows():
    def width(focus):
        freq, gain = response(FormantFilter, frames=24_000, singer="tenor", focus=focus)
        near = (freq > 500) & (freq < 850)
        return (db(gain)[near] > -3.01).sum()

    assert width(1.0) == pytest.approx(40, abs=3)
    assert width(2.0) == pytest.approx(20, abs=2)


def test_a_vowel_that_changes_every_sample_stays_bounded():
    rng = np.random.default_rng(0)
    audio, vowel = rng.uniform(-1, 1, 8_000), rng.uniform(0, 4, 8_000)
    block = block_of(FormantFilter, audio=audio, vowel=vowel, focus=5.0)
    FormantFilter.process(block)
    assert np.abs(block.out).max() < 4


@pytest.mark.parametrize(("word", "before", "after"), [("vowel", 0, 4), ("shift", 0.5, 2), ("focus", 0.2, 5)])
def test_a_changed_value_does_not_click(word, before, after):
    assert click_of(FormantFilter, word, before, after) < -60
