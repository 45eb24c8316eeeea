"""Euclid: the rhythms listed by Toussaint, and every pulse on its frame."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import RATE, heard, jumps, lines, no_clock, offs, ons, ramp, sixty, stops

from graph import NOTE_ON, NodeError
from graph.memory.events import new_clock
from graph.testing import block_of
from nodes import Euclid
from nodes.dsp.sequencing.euclid import MOST, euclid, euclids


def rhythm(pulses, steps):
    return "".join(".x"[hit] for hit in euclid(pulses, steps))


def test_known_rhythms_are_correct():
    assert rhythm(3, 8) == "x..x..x.", "tresillo"
    assert rhythm(5, 8) == "x.xx.xx.", "cinquillo"
    assert rhythm(2, 5) == "x.x..", "khafif-e-ramal"
    assert rhythm(4, 9) == "x.x.x.x..", "aksak"
    assert rhythm(7, 12) == "x.xx.x.xx.x.", "bembe"
    assert rhythm(5, 16) == "x..x..x..x..x...", "bossa nova"
    assert rhythm(7, 16) == "x..x.x.x..x.x.x.", "samba"
    assert rhythm(4, 4) == "xxxx"
    assert rhythm(0, 3) == "..."


def test_every_rhythm_has_its_pulses_as_evenly_as_they_go():
    for steps in range(1, MOST + 1):
        for pulses in range(1, steps + 1):
            hits = np.flatnonzero(euclid(pulses, steps))
            gaps = np.diff([*hits, hits[0] + steps])
            assert len(hits) == pulses
            assert set(gaps) <= {steps // pulses, -(-steps // pulses)}
            assert euclids()[pulses, steps] == sum(1 << int(hit) for hit in hits)


def frames(**options):
    return [frame for frame, _ in ons(heard(Euclid, sixty(2_000), **options))]


def test_pulses_fall_on_the_steps_of_the_clock():
    assert frames(pulses=3, steps=8) == [0, 750, 1500]
    assert frames(pulses=3, steps=8, rotation=1) == [250, 1000, 1750]
    assert frames(pulses=3, steps=8, rotation=-1) == [500, 1250, 1750]
    assert frames(pulses=9, steps=4) == list(range(0, 2_000, 250)), "more pulses than steps are one on each"
    assert frames(pulses=0, steps=4) == []


def test_accents_are_spread_over_the_pulses():
    played = heard(Euclid, sixty(2_000), pulses=4, steps=8, accents=2, velocity=0.5, accent=1.0)
    assert [value for _, kind, _, value in played if kind == NOTE_ON] == [1.0, 0.5, 1.0, 0.5]


def test_gate_and_swing_are_parts_of_a_step():
    played = heard(Euclid, sixty(1_000), pulses=2, steps=2, swing=0.75, gate=0.5)
    assert [frame for frame, _ in ons(played)] == [0, 375, 500, 875]
    assert [frame for frame, _ in offs(played)] == [188, 438, 688, 938]


def test_its_numbers_may_move():
    pulses = np.where(np.arange(2_000) < 1_000, 4.0, 1.0)
    assert frames(pulses=pulses, steps=4) == [0, 250, 500, 750, 1000]


def test_a_chance_belongs_to_its_step():
    first = ons(heard(Euclid, sixty(20_000), split=500, pulses=8, probability=0.4, seed=3))
    assert 0.25 < len(first) / 80 < 0.55
    late = ons(heard(Euclid, sixty(5_000, start=10.0), split=500, pulses=8, probability=0.4, seed=3))
    assert late == [(frame - 10_000, key) for frame, key in first if 10_000 <= frame < 15_000]


def test_it_follows_ramps_jumps_and_stops():
    clock = ramp(3_000)
    assert [frame for frame, _ in ons(heard(Euclid, clock, pulses=8))] == lines(clock, 0.25)
    played = heard(Euclid, jumps(sixty(1_000), 100, 3.9), pulses=1, steps=16, gate=1.0)
    assert played[1][:2] == (100, 0)
    assert ons(played) == [(0, 48), (200, 48)]
    played = heard(Euclid, stops(sixty(1_000), 100), pulses=8, gate=1.0)
    assert [frame for frame, *_ in played] == [0, 100]


def test_without_a_clock_it_runs_at_its_own_tempo():
    assert ons(heard(Euclid, no_clock(600), pulses=8, tempo=60.0, note="A2")) == [(0, 45), (250, 45), (500, 45)]


@pytest.mark.parametrize("split", [1, 50])
def test_any_split_of_frames_plays_the_same(split):
    options = {"pulses": np.linspace(0, 9, 2_000), "accents": 2.0, "probability": 0.8, "step": 0.1}
    clock = jumps(new_clock(2_000, 97.3, RATE), 1_234, 7.7)
    assert heard(Euclid, clock, split=split, **options) == heard(Euclid, clock, **options)


@pytest.mark.parametrize("note", ["H3", "", "128", "-1"])
def test_a_wrong_note_is_a_mistake(note):
    with pytest.raises(
        NodeError, match=r"euclid\.note: write a note from C-1 to G9 such as C2 or A4\+14c, or its number"
    ):
        block_of(Euclid, note=note)


def test_the_four_directions():
    def pattern(frames=2_000, **more):
        played = heard(Euclid, sixty(frames), pulses=3, steps=8, **more)
        return "".join(".x"[frame in dict(ons(played))] for frame in range(0, frames, 250))

    assert pattern() == "x..x..x."
    assert pattern(direction="backward") == ".x..x..x"
    assert pattern(3_750, direction="ping_pong") == "x..x..x." + "x..x..x"
    drawn = pattern(50_000, direction="random", seed=2)
    assert drawn.count("x") == pytest.approx(75, abs=25)
    assert drawn == pattern(50_000, direction="random", seed=2) != pattern(50_000, direction="random", seed=3)
