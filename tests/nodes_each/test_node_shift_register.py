"""ShiftRegister: locked, mirrored, random, and the same wherever playback starts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sequenced import heard, jumps, lines, no_clock, ons, ramp, sixty, stops

from graph import NodeError
from graph.testing import block_of
from nodes import ShiftRegister
from nodes.dsp.sequencing.scales import SCALES


def loop(frames=8_000, start=0.0, **options):
    return ons(heard(ShiftRegister, sixty(frames, start), split=500, **{"seed": 3, **options}))


def rounds(played, length, count):
    """The notes of each pass, with frames counted from its start."""
    size = 250 * length
    return [[(f - size * turn, key) for f, key in played if f // size == turn] for turn in range(count)]


def test_locked_it_is_a_loop():
    for length in (3, 8, 16):
        first, *others = rounds(loop(250 * length * 4, change=0.0, length=length), length, 4)
        assert first
        assert all(other == first for other in others)


def test_at_one_it_plays_the_inverse_on_every_other_pass():
    played = rounds(loop(change=1.0, length=8), 8, 4)
    steps = [{frame for frame, _ in turn} for turn in played]
    assert steps[0] == steps[2]
    assert steps[0] | steps[1] == set(range(0, 2_000, 250))
    assert not steps[0] & steps[1]
    assert played[0] == played[2] or played[1] == played[3]


def test_in_between_it_changes_slowly():
    played = rounds(loop(2_000 * 20, change=0.1, length=8, rhythm=False), 8, 20)
    changed = [sum(a != b for a, b in zip(one, two, strict=True)) for one, two in pairwise(played)]
    assert 0 < np.mean(changed) < 8
    assert len({tuple(turn) for turn in played}) > 4


def test_notes_are_of_the_scale_from_the_root_up():
    played = {key for _, key in loop(250 * 400, change=0.5, root="E2", scale="minor", range=7, rhythm=False)}
    assert played == {40 + interval for interval in SCALES["minor"]}


def test_without_rhythm_every_step_plays():
    assert [frame for frame, _ in loop(2_000, rhythm=False)] == list(range(0, 2_000, 250))
    assert len(loop(250 * 400, change=0.5)) / 400 == pytest.approx(0.5, abs=0.08)


def test_the_same_seed_is_the_same_music_from_wherever_it_is_played():
    whole = loop(40_000, change=0.3)
    assert loop(5_000, start=30.0, change=0.3) == [(f - 30_000, key) for f, key in whole if 30_000 <= f < 35_000]
    assert whole != loop(40_000, change=0.3, seed=4)


def test_a_ring_is_never_empty():
    for seed in range(1, 30):
        assert loop(1_000, change=0.0, length=2, seed=seed)


def test_it_follows_ramps_stops_and_jumps_to_the_frame():
    clock = ramp(3_000)
    assert [frame for frame, _ in ons(heard(ShiftRegister, clock, rhythm=False))] == lines(clock, 0.25)
    played = heard(ShiftRegister, stops(sixty(2_000), 200), rhythm=False, gate=1.0)
    assert [frame for frame, *_ in played] == [0, 200]
    whole = loop(4_000, rhythm=False, change=0.4)
    back = ons(heard(ShiftRegister, jumps(sixty(4_000), 2_100, 0.0), rhythm=False, change=0.4, seed=3))
    assert [key for frame, key in back if frame >= 2_100] == [key for frame, key in whole if frame < 1_900]


def test_without_a_clock_it_runs_at_its_own_tempo():
    assert [f for f, _ in ons(heard(ShiftRegister, no_clock(600), rhythm=False, tempo=60.0))] == [0, 250, 500]


@pytest.mark.parametrize("split", [1, 40])
def test_any_split_of_frames_plays_the_same(split):
    clock = jumps(ramp(2_000), 1_500, 2.3)
    options = {"step": 0.1, "swing": 0.65, "change": np.linspace(0, 1, 2_000), "seed": 5}
    assert heard(ShiftRegister, clock, **options) == heard(ShiftRegister, clock, split=split, **options)


def test_a_wrong_root_is_a_mistake():
    with pytest.raises(NodeError, match=r"shift_register\.root: write a note from C-1 to G9"):
        block_of(ShiftRegister, root="X")
