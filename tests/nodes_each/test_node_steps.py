"""Steps: its notation, its groove, and every note on its exact frame at any clock."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import RATE, heard, jumps, lines, no_clock, offs, ons, ramp, sixty, stops

from graph import NOTE_OFF, NOTE_ON, NodeError
from graph.memory.events import new_clock
from graph.testing import block_of
from nodes import Steps
from nodes.dsp.sequencing.step_notation import parse_steps


def test_words_are_notes_numbers_of_the_scale_chords_rests_and_ties():
    steps = parse_steps("C4 . 0 7 -1 - | [C4 E4 G4] _ 2:0.5?25%x3~", 48, "minor")
    assert [step and step.keys for step in steps] == [
        (60,), None, (48,), (60,), (46,), None, (60, 64, 67), None, (51,),
    ]  # fmt: skip
    assert [step.length for step in steps if step] == [1, 1, 1, 2, 2, 1]
    assert (steps[-1].velocity, steps[-1].chance, steps[-1].hits, steps[-1].slide) == (0.5, 0.25, 3, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C4 H4", "cannot read 'H4' at character 4: write a note such as C4 or Bb2"),
        ("C4 - X", "cannot read 'X' at character 6"),
        ("- C4", "there is no note before the tie"),
        ("C4:2", "velocity must be above 0 and at most 1"),
        ("C4?1.5", "probability must be 0 to 1, or 0% to 100%"),
        ("C4x17", "a step has 1 to 16 hits"),
        ("[C4 E4", "cannot read"),
        ("[]", "a chord has 1 to 8 notes"),
        ("99", r"key 218 is outside 0 \.\. 127"),
        (". . |", "there is no note in"),
        ("", "there is no note in"),
        ("C4 " * 10_000, "there are more than 1,024 steps"),
    ],
)
def test_an_error_names_the_word_its_position_and_the_allowed_forms(text, message):
    with pytest.raises(NodeError, match=f"^steps.steps: .*{message}"):
        block_of(Steps, steps=text)


def test_steps_fall_on_their_frames_with_ties_and_gate():
    played = heard(Steps, sixty(1_000), steps="C4 - . [E4 G4]:0.5", step=0.25, gate=0.5)
    assert played == [
        (0, NOTE_ON, 60, 0.8),
        (375, NOTE_OFF, 60, 0.5),
        (750, NOTE_ON, 64, 0.5),
        (750, NOTE_ON, 67, 0.5),
        (875, NOTE_OFF, 64, 0.5),
        (875, NOTE_OFF, 67, 0.5),
    ]


def test_ratchets_divide_the_time_of_their_note():
    played = heard(Steps, sixty(1_000), steps="C4x3 . D4x2 -", step=0.25, gate=0.5)
    assert ons(played) == [(0, 60), (84, 60), (167, 60), (500, 62), (750, 62)]
    assert offs(played) == [(42, 60), (125, 60), (209, 60), (625, 62), (875, 62)]


def test_a_slide_ends_only_after_the_next_note_has_begun():
    played = heard(Steps, sixty(500), steps="C4~ D4", step=0.25, gate=0.5)
    assert [event[:3] for event in played[:3]] == [(0, NOTE_ON, 60), (250, NOTE_ON, 62), (263, NOTE_OFF, 60)]


def test_a_slide_into_the_same_key_strikes_it_again():
    played = heard(Steps, sixty(600), steps="C4~ C4 .", step=0.25)
    assert [event[:2] for event in played] == [
        (0, NOTE_ON),
        (250, NOTE_OFF),
        (250, NOTE_ON),
        (375, NOTE_OFF),
    ]


def test_swing_makes_every_second_step_late_and_gates_fit_in():
    played = heard(Steps, sixty(1_000), steps="C4 D4", step=0.25, swing=2 / 3, gate=1.0)
    assert [frame for frame, _ in ons(played)] == [0, 334, 500, 834]
    assert [frame for frame, _ in offs(played)] == [334, 500, 834]


def test_a_third_of_a_beat_does_not_drift():
    clock = new_clock(600, 133.0, RATE, start=30_000.0)
    frames = [frame for frame, _ in ons(heard(Steps, clock, steps="C4", step=1 / 3))]
    expected = [int(np.argmax(clock.beat[:-1] >= 30_000 + beat - 1e-9)) for beat in np.arange(4) / 3]
    assert frames == expected


def test_chances_are_kept_on_average_and_belong_to_their_step():
    clock = new_clock(60_000, 300.0, RATE)
    first = ons(heard(Steps, clock, split=500, steps="C4?0.3 D4", step=0.1, seed=7))
    assert 0.26 < sum(key == 60 for _, key in first) / 1_500 < 0.34
    assert sum(key == 62 for _, key in first) == 1_500
    late = ons(
        heard(Steps, new_clock(10_000, 300.0, RATE, start=100.0), split=500, steps="C4?0.3 D4", step=0.1, seed=7)
    )
    assert late == [(frame - 20_000, key) for frame, key in first if 20_000 <= frame < 30_000], "wherever it begins"
    assert late != ons(heard(Steps, clock, split=500, steps="C4?0.3 D4", step=0.1, seed=8))
    assert ons(heard(Steps, sixty(1_000), steps="C4", probability=0.0)) == []


def test_it_follows_a_ramp_to_the_frame():
    clock = ramp(4_000)
    assert [frame for frame, _ in ons(heard(Steps, clock, steps="C4", step=0.25))] == lines(clock, 0.25)


def test_a_stop_and_a_jump_end_sounding_notes_at_their_frame():
    played = heard(Steps, stops(sixty(1_000), 300), steps="C4 - - -", step=0.5)
    assert [event[:3] for event in played] == [(0, NOTE_ON, 60), (300, NOTE_OFF, 60)]
    played = heard(Steps, jumps(sixty(1_000), 300, 8.9), steps="C4 D4 E4", step=0.5, gate=1.0)
    assert [event[:3] for event in played[:4]] == [
        (0, NOTE_ON, 60),
        (300, NOTE_OFF, 60),
        (400, NOTE_ON, 60),
        (900, NOTE_OFF, 60),
    ]


def test_a_jump_ends_a_ratchet():
    played = heard(Steps, jumps(sixty(1_000), 100, 0.6), steps="C4x16 - . .", step=0.5)
    assert max(frame for frame, _ in ons(played)) < 100


def test_a_loop_within_a_block_plays_its_first_step_again():
    clock = jumps(jumps(sixty(1_000), 400, 0.0), 800, 0.0)
    assert ons(heard(Steps, clock, steps="C4 D4 E4 F4", step=0.25)) == [
        (0, 60), (250, 62), (400, 60), (650, 62), (800, 60),
    ]  # fmt: skip


def test_an_unannounced_jump_counts_too():
    clock = sixty(1_000)
    clock.beat[300:] += 100.0
    played = heard(Steps, clock, steps="C4 D4", step=0.5, gate=1.0)
    assert [event[:3] for event in played] == [(0, NOTE_ON, 60), (300, NOTE_OFF, 60), (500, NOTE_ON, 62)]


def test_without_a_clock_it_runs_at_its_own_tempo():
    assert ons(heard(Steps, no_clock(1_000), steps="C4", step=0.5, tempo=60.0)) == [(0, 60), (500, 60)]


def test_a_count_in_is_silent():
    assert ons(heard(Steps, sixty(1_000, start=-0.3), steps="C4 D4", step=0.5)) == [(300, 60), (800, 62)]


@pytest.mark.parametrize("split", [1, 50])
def test_any_split_of_frames_plays_the_same(split):
    clock = jumps(ramp(2_000), 1_111, 3.21)
    options = {"steps": "C4?0.7x3 [D4 G4]:0.3 - . A4~ 3", "step": 0.2, "swing": np.linspace(0.5, 0.75, 2_000)}
    assert heard(Steps, clock, split=split, **options) == heard(Steps, clock, **options)


def sequence(text, frames=2_500, **more):
    return [int(key) for _, key in ons(heard(Steps, sixty(frames), steps=text, **more))]


def test_the_four_directions():
    text = "C4 D4 E4 F4"
    assert sequence(text)[:6] == [60, 62, 64, 65, 60, 62]
    assert sequence(text, direction="backward")[:6] == [65, 64, 62, 60, 65, 64]
    assert sequence(text, direction="ping_pong")[:9] == [60, 62, 64, 65, 64, 62, 60, 62, 64]
    drawn = sequence(text, 60_000, direction="random", seed=5, split=600)
    assert len(drawn) == 240
    assert all(35 < drawn.count(key) < 85 for key in (60, 62, 64, 65))
    assert drawn == sequence(text, 60_000, direction="random", seed=5, split=60)
    assert drawn != sequence(text, 60_000, direction="random", seed=6, split=600)


def test_backward_a_tied_note_keeps_its_length_and_random_steps_last_one_step():
    played = heard(Steps, sixty(1_500), steps="C4 - - D4 .", direction="backward", gate=1.0)
    assert ons(played) == [(250, 62), (500, 60)]
    assert offs(played)[:2] == [(500, 62), (1_250, 60)]
    played = heard(Steps, sixty(5_000), steps="C4 - - D4", direction="random", gate=1.0, seed=1)
    assert [frame for frame, _ in ons(played)] == list(range(0, 5_000, 250))


def test_a_looped_bar_of_random_steps_repeats():
    clock = jumps(jumps(sixty(6_000), 4_000, 2.0), 5_000, 2.0)
    played = ons(heard(Steps, clock, steps="C4?0.5 D4?0.5 E4x3@0.5", direction="random", seed=7))
    bar = [(frame - 2_000, key) for frame, key in played if 2_000 <= frame < 3_000]
    assert bar == [(frame - 4_000, key) for frame, key in played if 4_000 <= frame < 5_000]
    assert bar == [(frame - 5_000, key) for frame, key in played if frame >= 5_000]


def test_a_ratchet_has_a_chance_else_it_is_one_hit():
    def counts(text, **more):
        frames = [frame for frame, _ in ons(heard(Steps, sixty(100_000), steps=text, split=500, seed=3, **more))]
        return np.bincount(np.array(frames) // 250, minlength=400)

    found = counts("C4x3@0.25")
    assert set(found) == {1, 3}
    assert 70 < np.count_nonzero(found == 3) < 130
    assert set(counts("C4x3")) == {3}
    assert set(counts("C4x3", ratchet=0.0)) == {1}
    assert 70 < np.count_nonzero(counts("C4x3@50%", ratchet=0.5) == 3) < 130
    with pytest.raises(NodeError, match="the probability of a ratchet must be 0 to 1, or 0% to 100%"):
        parse_steps("C4x3@2", 48, "minor")


def test_cents_follow_a_name_and_a_degree_and_each_note_ends_with_its_exact_key():
    played = heard(Steps, sixty(900), steps="A4+14c 2-50c [C4 C4+20c] .", root="C4", scale="major")
    keys = [69.14, 63.5, 60.0, 60.2]
    assert [key for _, key in ons(played)] == pytest.approx(keys)
    assert [key for _, key in offs(played)] == [key for _, key in ons(played)]
