"""Melody: notes of its scale, in phrases, and the same wherever playback starts."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, jumps, lines, no_clock, offs, ons, ramp, sixty, stops

from graph import NOTE_ON, NodeError
from graph.testing import block_of
from nodes import Melody
from nodes.dsp.sequencing.scales import SCALES

PHRASE = 8_000
"""Frames of 16 steps of half a beat."""


def tune(frames=4 * PHRASE, start=0.0, **options):
    return ons(heard(Melody, sixty(frames, start), split=1_000, **{"seed": 3, **options}))


@pytest.mark.parametrize("scale", ["major", "minor_pentatonic", "whole_tone"])
def test_every_note_is_of_the_scale_and_in_its_range(scale):
    played = {key for _, key in tune(8 * PHRASE, scale=scale, root="D4", range=5, variation=1.0)}
    notes = [key for key in range(128) if (key - 2) % 12 in SCALES[scale]]
    allowed = notes[notes.index(62) - 5 : notes.index(62) + 6]
    assert played <= set(allowed)
    assert len(played) > 6


def test_every_phrase_begins_on_the_root():
    starts = [key for frame, key in tune(variation=1.0, rest=0.9) if frame % PHRASE == 0]
    assert starts == [60] * 4


def test_without_variation_phrases_are_a_refrain():
    played = tune(variation=0.0)
    first = [(frame, key) for frame, key in played if frame < PHRASE]
    assert len(first) > 8
    assert played == [(frame + PHRASE * turn, key) for turn in range(4) for frame, key in first]


def test_with_variation_they_are_not():
    played = tune(variation=1.0)
    phrases = [tuple(event for event in played if event[0] // PHRASE == turn) for turn in range(4)]
    assert len({tuple(key for _, key in phrase) for phrase in phrases}) == 4


def test_most_moves_are_small_and_none_is_larger_than_the_leap():
    keys = [key for _, key in tune(16 * PHRASE, rest=0.0, scale="chromatic", leap=5.0, variation=1.0, phrase=64)]
    moves = np.abs(np.diff(keys))[np.arange(1, len(keys)) % 64 != 0]
    assert moves.max() == 5
    assert np.mean(moves <= 1) > 0.6


def test_rests_have_their_probability():
    for rest in (0.0, 0.3):
        count = len(tune(16 * PHRASE, rest=rest, variation=1.0, phrase=64))
        assert count / 256 == pytest.approx(1 - rest, abs=0.07)


def test_the_same_seed_is_the_same_tune_from_wherever_it_is_played():
    whole = tune(variation=0.5)
    late = tune(PHRASE, start=19.0, variation=0.5)
    assert late == [(frame - 19_000, key) for frame, key in whole if 19_000 <= frame < 19_000 + PHRASE]
    assert whole != tune(variation=0.5, seed=4)


def test_strong_steps_are_louder():
    played = heard(Melody, sixty(8 * PHRASE), split=1_000, rest=0.0, variation=1.0, velocity=0.6, seed=2)
    loud = [(frame % 2_000 == 0, value) for frame, kind, _, value in played if kind == NOTE_ON]
    assert np.mean([v for strong, v in loud if strong]) > np.mean([v for strong, v in loud if not strong]) + 0.03
    assert all(0.4 < value <= 1 for _, value in loud)


def test_it_follows_ramps_stops_and_jumps_to_the_frame():
    clock = ramp(3_000)
    assert [frame for frame, _ in ons(heard(Melody, clock, rest=0.0, step=0.25))] == lines(clock, 0.25)
    played = heard(Melody, stops(sixty(2_000), 200), rest=0.0, gate=1.0)
    assert [frame for frame, *_ in played] == [0, 200]
    played = heard(Melody, jumps(sixty(1_000), 200, 8.0), rest=0.0, gate=1.0)
    assert ons(played)[:2] == [(0, 60), (200, 60)]
    assert offs(played)[0] == (200, 60)


def test_without_a_clock_it_runs_at_its_own_tempo():
    assert [frame for frame, _ in ons(heard(Melody, no_clock(1_100), rest=0.0, tempo=60.0))] == [0, 500, 1000]


@pytest.mark.parametrize("split", [1, 40])
def test_any_split_of_frames_plays_the_same(split):
    clock = jumps(ramp(2_000), 1_500, 2.3)
    options = {"step": 0.1, "swing": 0.65, "leap": np.linspace(1, 12, 2_000), "seed": 5}
    assert heard(Melody, clock, **options) == heard(Melody, clock, split=split, **options)


def test_a_wrong_root_is_a_mistake():
    with pytest.raises(NodeError, match=r"melody\.root: write a note from C-1 to G9"):
        block_of(Melody, root="X")
