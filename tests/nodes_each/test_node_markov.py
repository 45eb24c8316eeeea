"""Markov: plays only learned transitions, and the same notes wherever playback starts."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from sequenced import heard, jumps, no_clock, offs, ons, ramp, sixty, stops

from graph import NodeError
from graph.testing import block_of
from nodes import Markov
from nodes.dsp.sequencing.markov import chain, places

TUNE = "C4 D4 E4 C4 | C4 D4 E4 C4 | E4 F4 G4*2 | E4 F4 G4*2"


def tune(frames=60_000, start=0.0, **options):
    return ons(heard(Markov, sixty(frames, start), split=1_000, **{"learn": TUNE, "seed": 3, **options}))


def test_rests_count_as_notes():
    assert [(step.keys, step.length) for step in places(". C4*2 . - [C4 E4] .")] == [
        ((), 1), ((60,), 2), ((), 2), ((60, 64), 1), ((), 1),
    ]  # fmt: skip


def test_only_what_followed_in_the_text_follows_as_often_as_it_did():
    keys = [key for _, key in tune(400_000)]
    follows = Counter(pairwise(keys))
    assert set(follows) == {(60, 62), (62, 64), (64, 60), (60, 60), (60, 64), (64, 65), (65, 67), (67, 64), (67, 60)}
    after_c = {pair: count for pair, count in follows.items() if pair[0] == 60}
    assert after_c[60, 62] / sum(after_c.values()) == pytest.approx(2 / 4, abs=0.08)
    assert after_c[60, 64] / sum(after_c.values()) == pytest.approx(1 / 4, abs=0.08)


def test_a_tune_without_repetition_is_played_unchanged():
    assert [key for _, key in tune(6_000, learn="C4 D4 E4 F4")] == [60, 62, 64, 65] * 3


def test_a_longer_memory_strays_less():
    assert (
        chain(TUNE, 1).after[:, 0].mean() > chain(TUNE, 2).after[:, 0].mean() > chain(TUNE, 8).after[:, 0].mean() == 1
    )
    first = tune(8_000, order=8)
    assert [key for _, key in first] == [60, 62, 64, 60, 60, 62, 64, 60, 64, 65, 67, 64, 65, 67]


def test_lengths_chords_velocities_and_the_gate_are_those_of_the_text():
    played = heard(Markov, sixty(3_000), learn="[C4 E4]:0.5*3 . G4", velocity=0.9, gate=0.5)
    assert [(frame, key, value) for frame, kind, key, value in played if kind == 1] == [
        (0, 60, 0.5), (0, 64, 0.5), (2000, 67, 0.9), (2500, 60, 0.5), (2500, 64, 0.5),
    ]  # fmt: skip
    assert offs(played)[:3] == [(1250, 60), (1250, 64), (2250, 67)]


def test_the_same_seed_is_the_same_tune_from_wherever_it_is_played():
    whole = tune(60_000)
    assert tune(10_000, start=30.25) == [(f - 30_250, key) for f, key in whole if 30_250 <= f < 40_250]
    assert whole != tune(60_000, seed=4)
    back = ons(heard(Markov, jumps(sixty(8_000), 4_100, 0.0), learn=TUNE, seed=3))
    assert [(f - 4_100, key) for f, key in back if f >= 4_100] == [(f, key) for f, key in whole if f < 3_900]


def test_far_out_it_still_plays_on_its_steps():
    played = tune(4_000, start=100_000.25)
    assert played
    assert all((frame + 250) % 500 == 0 for frame, _ in played)


def test_stops_end_what_sounds_and_ramps_are_followed():
    played = heard(Markov, stops(sixty(1_000), 200), learn="C4*4")
    assert [frame for frame, *_ in played] == [0, 200]
    clock = ramp(4_000)
    frames = [frame for frame, _ in ons(heard(Markov, clock, learn="C4*0.3 D4*0.7"))]
    beats = [0.5 * (turn + part) for turn in range(60) for part in (0, 0.3)]
    expected = [int(np.argmax(clock.beat[:-1] >= b - 1e-9)) for b in beats if b <= clock.beat[-2] + 1e-9]
    assert frames == expected


def test_without_a_clock_it_runs_at_its_own_tempo():
    assert ons(heard(Markov, no_clock(1_100), learn="C4 D4", tempo=60.0)) == [(0, 60), (500, 62), (1000, 60)]


@pytest.mark.parametrize("split", [1, 40])
def test_any_split_of_frames_plays_the_same(split):
    clock = jumps(ramp(2_000), 1_500, 2.3)
    options = {"learn": TUNE, "step": 0.1, "seed": 5}
    assert heard(Markov, clock, **options) == heard(Markov, clock, split=split, **options)


def test_an_error_in_the_tune_is_reported():
    with pytest.raises(NodeError, match=r"markov\.learn: cannot read 'H4' at character 4"):
        block_of(Markov, learn="C4 H4")


def test_cents_of_the_tune_are_played():
    played = heard(Markov, sixty(2_000), learn="A4+14c C4-50c .", step=0.5)
    assert [key for _, key in ons(played)] == pytest.approx([69.14, 59.5, 69.14])
    assert [key for _, key in offs(played)] == [key for _, key in ons(played)][: len(offs(played))]
