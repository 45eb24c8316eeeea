"""Pattern: its notation, and every hit of every bundled pattern on its exact frame."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
import yaml
from conftest import ROOT
from sequenced import jumps

from graph import JUMP, NOTE_OFF, NOTE_ON, STOP, NodeError, PatchError, emit
from graph.graph import loads
from graph.memory.events import Clock, new_clock, new_events
from graph.native.functions import PLAIN
from graph.reference.catalog import page
from graph.testing import block_of
from nodes import Pattern
from nodes.dsp.patterns.drum_notation import parse_lanes
from nodes.dsp.patterns.drum_patterns import FEELS, FILLS, PATTERNS, find, read
from nodes.dsp.patterns.drum_words import HIGHEST, WORDS, drum_key

RATE = 1_000.0
"""Sample rate in Hz: at 60 bpm a beat is 1000 frames."""

BPM = 97.3
FILES = sorted((ROOT / "patches" / "patterns").glob("*.yaml"))
WRITTEN = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
EVERY = [(kind, name) for file in WRITTEN.values() for kind, all_ in file.items() for name in all_]
GRACES = {"f": (0.03,), "F": (0.03,), "d": (0.07, 0.035), "D": (0.07, 0.035)}


def sixty(frames, start=0.0):
    return new_clock(frames, 60.0, RATE, start)


def played(block):
    """(frame, key, velocity) of every hit."""
    records = block.out.records[: block.out.count[0]]
    return [(int(r["frame"]), int(r["number"]), round(float(r["value"]), 6)) for r in records if r["kind"] == NOTE_ON]


def run(clock, rate=RATE, **options):
    block = block_of(Pattern, clock=clock, sample_rate=rate, **options)
    Pattern.process(block)
    assert block.out.count[1] == 0
    return block


def heard(clock, **options):
    return played(run(clock, **options))


def frames(hits, key=36):
    return [frame for frame, number, _ in hits if number == key]


def steps(marks):
    """The steps of a lane with their marks: a second parser, independent of the one under test."""
    return [group.strip("()") for group in re.findall(r"\([^)]*\)|\S", marks.replace("|", ""))]


def expected(entry):
    """Hits of a written pattern: (beat, key, seconds ahead, probability)."""
    beats = Fraction(str(entry.get("beats") or Fraction(entry.get("meter", "4/4")) * 4))
    percent, _, step = str(entry.get("swing", "50%")).partition(" of ")
    pair = 2 * Fraction(step or "1/2")
    swing = 2 * Fraction(percent.rstrip("%")) / 100 - 1
    found = []
    for drum, marks in entry["drums"].items():
        groups = steps(marks)
        for number, group in enumerate(groups):
            for part, mark in enumerate(group):
                at = (number + Fraction(part, len(group))) * beats / len(groups)
                at += swing * min(at % pair, pair - at % pair)
                if mark != ".":
                    chance = int(mark) / 10 if mark.isdecimal() else 1
                    found += [(at, WORDS[drum], ahead, chance) for ahead in (*GRACES.get(mark, ()), 0)]
    return beats, found


@pytest.mark.parametrize(("kind", "name"), EVERY, ids=lambda word: word)
def test_every_hit_of_every_bundled_pattern_and_fill_falls_on_the_exact_frame_of_its_beat(kind, name):
    rate = 1_000.0 if PLAIN else 48_000.0
    entry = next(file[kind][name] for file in WRITTEN.values() if name in file.get(kind, ()))
    beats, hits = expected(entry)
    start = 0
    words = {"pattern": name}
    if kind == FILLS:
        bars = -int(-beats // 4)
        start = 4 * bars - beats
        words = {"pattern": "tresillo", "fill": name, "fill_every": bars}
    clock = new_clock(int(float(start + beats) * 60 / BPM * rate), BPM, rate)
    first = int(np.searchsorted(clock.beat, float(start) - 1e-9))
    sure, possible = set(), set()
    for at, key, ahead, chance in hits:
        for due in (float(start + at + turn) - ahead * BPM / 60 for turn in (0, start + beats)):
            hit = (int(np.searchsorted(clock.beat[:-1], due - 1e-9)), key)
            possible.add(hit)
            if chance == 1 and -1e-9 < due < clock.beat[-2]:
                sure.add(hit)
    everything = {(frame, key) for frame, key, _ in heard(clock, rate=rate, **words)}
    inside = {hit for hit in everything if hit[0] >= first or hit in possible}
    assert sure <= inside
    assert inside <= possible


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_bundled_pattern_declares_its_length_feel_and_origin(path):
    found = read(path)
    for drumming in (*found[PATTERNS].values(), *found[FILLS].values()):
        assert 2 <= drumming.beats <= 16
        assert drumming.feel in FEELS
        assert (drumming.feel == "swung") == (drumming.swing > 0.5)
        assert len(drumming.origin) > 15
        assert 40 <= drumming.tempo <= 400
        assert drumming.beats % drumming.bar == 0
        assert any(lane.hits for lane in drumming.lanes)


def test_patterns_of_many_traditions_are_bundled():
    names = [name for kind, name in EVERY if kind == PATTERNS]
    fills = [name for kind, name in EVERY if kind == FILLS]
    assert len(names) == len(set(names)) >= 110
    assert len(fills) == len(set(fills)) >= 40


def test_claves_and_time_lines_are_what_they_are():
    def line(name):
        return [int(hit.beat * 2) for hit in find(name, PATTERNS).lanes[0].hits]

    assert line("son clave 3-2") == [0, 3, 6, 10, 12]
    assert line("rumba clave 3-2") == [0, 3, 7, 10, 12]
    for clave in ("son clave", "rumba clave"):
        assert sorted((at + 8) % 16 for at in line(f"{clave} 2-3")) == line(f"{clave} 3-2")
    bell = [int(hit.beat * 4) for hit in find("bembe", PATTERNS).lanes[0].hits]
    assert bell == [0, 2, 4, 5, 7, 9, 11]


def strokes(name, drum):
    """Positions of a drum's hits, in eighths."""
    return [hit.beat * 2 for lane in find(name, PATTERNS).lanes for hit in lane.hits if hit.key == WORDS[drum]]


@pytest.mark.parametrize(
    ("name", "dum", "tek"),
    [
        ("maqsoum", [0, 4], [1, 3, 6]),
        ("saidi", [0, 3, 4], [1, 6]),
        ("baladi", [0, 1, 4], [3, 6]),
        ("samai thaqil", [0, 5, 6], [3, 7]),
        ("karsilama", [0, 4], [2, 6, 7, 8]),
        ("masmoudi kabir", [0, 2, 8], [6, 12]),
    ],
)
def test_an_iqa_has_its_dums_and_teks(name, dum, tek):
    assert strokes(name, "doumbek_dum") == dum
    assert strokes(name, "doumbek_tek") == tek


def test_swing_and_samba_and_bossa_nova_are_what_they_are():
    thirds = [hit.beat * 3 for hit in find("swing", PATTERNS).lanes[0].hits]
    assert thirds == [0, 3, 5, 6, 9, 11]
    assert strokes("bossa nova", "rimshot") == [0, 3, 6, 10, 13]
    assert strokes("bossa nova", "kick")[:4] == [0, 3, 4, 7]
    assert strokes("samba", "floor_tom") == [2, 6]
    assert strokes("reggaeton", "snare") == [1.5, 3, 5.5, 7]
    assert strokes("bo diddley", "floor_tom") == [0, 1.5, 3, 5, 6]


@pytest.mark.parametrize(("name", "khali", "end"), [("teental", 8, 12), ("jhaptaal", 5, 7), ("dadra", 3, 6)])
def test_the_bass_is_silent_in_the_khali(name, khali, end):
    bass = [hit.beat for lane in find(name, PATTERNS).lanes for hit in lane.hits if hit.key == WORDS["tabla_ge"]]
    assert bass
    assert not any(khali <= beat < end for beat in bass)


def test_a_tihai_leads_to_the_sam():
    (lane,) = (lane for lane in find("tihai", FILLS).lanes if lane.hits[0].key == WORDS["tabla_dha"])
    ends = [hit.beat * 4 for hit in lane.hits]
    assert [*ends, 16] == [4, 10, 16]


def test_marks_share_the_beats_and_a_triplet_is_three_in_one():
    hits = heard(sixty(4_000), drums="kick: x.x. snare: xxx xxx xxx xxx", beats=4.0)
    assert frames(hits) == [0, 2_000]
    assert frames(hits, 38) == [-(-1_000 * i // 3) for i in range(12)]


def test_accents_and_ghosts_have_their_velocities():
    hits = heard(sixty(4_000), drums="kick: xXo.", velocity=0.5, accent=0.9, ghost=0.25)
    assert [velocity for *_, velocity in hits] == [0.5, 0.9, 0.25]


def test_parentheses_hold_several_in_one_step():
    assert frames(heard(sixty(4_000), drums="kick: .(xx).(x.x)")) == [1_000, 1_500, 3_000, 3_667]


def test_grace_notes_precede_the_beat_and_are_soft():
    hits = heard(sixty(4_000), drums="kick: .f.D")
    assert hits == [(970, 36, 0.3), (1_000, 36, 0.7), (2_930, 36, 0.3), (2_965, 36, 0.3), (3_000, 36, 1.0)]


def test_grace_notes_are_as_far_from_the_beat_at_any_tempo():
    assert frames(heard(new_clock(2_000, 120.0, RATE), drums="kick: .f..")) == [470, 500]


def test_a_lane_with_its_own_length_loops_separately():
    hits = heard(sixty(12_000), drums="kick: x... cowbell (3 beats): x..")
    assert frames(hits) == [0, 4_000, 8_000]
    assert frames(hits, 56) == [0, 3_000, 6_000, 9_000]


def test_a_probability_is_exact_and_a_seed_repeats_it():
    clock = sixty(120_000 if not PLAIN else 12_000)
    drums = "kick: 3333 3333"
    one = [run(clock, drums=drums, beats=64.0, seed=seed) for seed in (1, 1, 2)]
    hits = [played(block) for block in one]
    assert hits[0] == hits[1] != hits[2]
    whole = [h for seed in range(1, 60) for h in heard(sixty(4_000), drums="kick: 3333 3333 3333 3333", seed=seed)]
    assert len(whole) / (59 * 16) == pytest.approx(0.3, abs=0.05)


def test_chances_belong_to_the_bar_and_not_to_where_playing_began():
    drums = "kick: 5555 5555 5555 5555"
    whole = frames(heard(sixty(16_000), drums=drums, seed=5))
    later = frames(heard(sixty(8_000, start=8.0), drums=drums, seed=5))
    assert [frame - 8_000 for frame in whole if frame >= 8_000] == later


def test_swing_delays_the_second_of_two_steps():
    drums = "kick: xxxx xxxx"
    assert frames(heard(sixty(2_000), drums=drums, swing=2 / 3)) == [0, 667, 1_000, 1_667]
    drums = "kick: xxxx xxxx xxxx xxxx"
    assert frames(heard(sixty(1_000), drums=drums, swing=0.625, swing_step=0.25)) == [0, 313, 500, 813]


def test_human_hits_stray_a_little_and_the_same_way_every_time():
    clock = sixty(16_000)
    drums = "kick: xxxx xxxx xxxx xxxx"
    hits = heard(clock, drums=drums, humanize=1.0, seed=3)
    away = np.array(frames(hits)) - 250 * np.arange(64)
    assert np.abs(away).max() <= 13
    assert away.min() < -4
    assert away.max() > 4
    assert len({velocity for *_, velocity in hits}) > 30
    assert heard(clock, drums=drums, humanize=1.0, seed=3) == hits
    assert heard(clock, drums=drums, humanize=1.0, seed=4) != hits


def test_a_fill_takes_the_end_of_every_so_many_bars():
    hits = heard(sixty(16_000), drums="cowbell: xxxx", fill="breakdown", fill_every=2)
    assert frames(hits, 56) == [0, 1_000, 2_000, 3_000, 8_000, 9_000, 10_000, 11_000]
    assert frames(hits) == [4_000, 5_000, 6_000, 7_000, 12_000, 13_000, 14_000, 15_000]


def test_fills_take_turns():
    hits = heard(sixty(16_000), drums="cowbell: x...", fill="breakdown, punk", fill_every=1)
    assert not frames(hits, 56)
    assert frames(hits, 39)[-1] > 8_000
    assert all(4_000 <= frame < 8_000 or frame >= 12_000 for frame in frames(hits, 38))


def test_a_chain_plays_one_after_the_other():
    hits = heard(sixty(16_000), pattern="tresillo * 2, habanera, techno")
    assert frames(hits, 75) == [0, 1_500, 3_000, 4_000, 5_500, 7_000]
    assert frames(hits) == [8_000, 9_500, 10_000, 11_000, 12_000, 13_000, 14_000, 15_000]


def test_select_plays_one_of_the_chain_from_the_next_bar():
    select = np.zeros(16_000, np.float32)
    select[5_500:12_000] = 2
    hits = heard(sixty(16_000), pattern="tresillo, techno", select=select)
    assert frames(hits, 75) == [0, 1_500, 3_000]
    assert frames(hits) == [1_000 * i for i in range(4, 16)]
    hits = heard(sixty(16_000), pattern="tresillo, techno", select=np.ones(16_000, np.float32))
    assert frames(hits, 75) == [0, 1_500, 3_000, 4_000, 5_500, 7_000, 8_000, 9_500, 11_000, 12_000, 13_500, 15_000]


def test_without_a_clock_it_runs_at_its_own_tempo():
    still = Clock(np.zeros(2_001), np.zeros(2_000), np.zeros(2_000, np.uint8), np.zeros(1), new_events())
    assert frames(heard(still, drums="kick: xxxx", tempo=120.0)) == [0, 500, 1_000, 1_500]


def test_without_a_loop_it_reports_its_end():
    block = run(sixty(9_000), drums="kick: x.xx", loop=False)
    assert frames(played(block)) == [0, 2_000, 3_000]
    assert block.done[0] == 1
    assert run(sixty(3_000), drums="kick: x.xx", loop=False).done[0] == 0


def test_an_edited_score_continues_at_the_current_beat():
    old = run(sixty(9_700), drums="kick: xxxx xxxx xxxx xxxx")
    new = block_of(Pattern, clock=sixty(4_000, start=9.7), sample_rate=RATE, drums="snare: x.x.")
    assert old.place[-1] != block_of(Pattern, drums="snare: x.x.").place[-1]
    for name in ("song", "queue", "offs", "head"):  # the state kept by a swap; `place` restarts
        getattr(new, name)[:] = getattr(old, name)
    Pattern.process(new)
    assert [(frame, key) for frame, key, _ in played(new)] == [(300, 38), (2_300, 38)]


def test_a_stop_ends_sounding_notes_and_a_jump_resumes_at_the_new_position():
    clock = sixty(4_000)
    clock.playing[1_050:2_000] = 0
    clock.beat[1_050:2_000] = 1.05
    clock.beat[2_000:] = 7.5 + np.arange(2_001) / 1_000
    emit(clock.changes, 1_050, STOP, 0, 0, 0.0, 1.05)
    emit(clock.changes, 2_000, JUMP, 0, 0, 0.0, 7.5)
    block = run(clock, drums="kick: xx.x", gate=0.5)
    assert frames(played(block)) == [0, 1_000, 2_500, 3_500]
    records = block.out.records[: block.out.count[0]]
    assert [int(r["frame"]) for r in records if r["kind"] == NOTE_OFF] == [500, 1_050, 3_000]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_any_split_of_frames_plays_the_same(size):
    words = {"pattern": "second line, trap", "fill": "rock", "fill_every": 2, "humanize": 0.7, "swing": 0.6, "seed": 9}
    total = 448 * 3
    whole = new_clock(total, 700.0, RATE)
    block = block_of(Pattern, clock=new_clock(size, 700.0, RATE), sample_rate=RATE, **words)
    parts = []
    for start in range(0, total, size):
        block.clock.beat[:] = whole.beat[start : start + size + 1]
        Pattern.process(block)
        parts += [(frame + start, *rest) for frame, *rest in played(block)]
    assert parts == heard(whole, **words)
    assert len(parts) > 40


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"drums": "kick: x..z"}, r"lane 'kick': cannot read 'z' at character 4: write x a hit"),
        ({"drums": "kick: x... snare: x...x"}, "lane 'snare': 5 marks do not divide 4 beats evenly; 4 are 1 per beat"),
        ({"drums": "kick: x... x... x... x... x"}, "17 marks do not divide 4 beats evenly; 16 are 4 per beat"),
        ({"drums": "kick: " + "x" * 10_000}, "more than 2048 marks"),
        ({"drums": "kik: x..."}, "there is no drum 'kik'. Did you mean 'kick'"),
        ({"drums": "x..."}, "has no drum; write"),
        ({"drums": "kick:"}, "there are no marks"),
        ({"drums": "kick: x(x.."}, r"a '\(' is not closed"),
        ({"drums": "kick: x()."}, r"cannot read '\)' at character 3"),
        ({"drums": "129: x..."}, "key 129 is outside"),
        ({"drums": "kick (three): x..."}, r"'\(three\)' is not a length"),
        (
            {"drums": "kick (7.013 beats): x snare (5.017 beats): x ride (3.019 beats): x"},
            "the lanes realign only after",
        ),
        ({"pattern": ""}, "there is no pattern ''"),
        ({"pattern": "bosa nova"}, "there is no pattern 'bosa nova'. Did you mean 'bossa nova'"),
        ({"pattern": "rock * 0"}, "write the number of repeats after"),
        ({"pattern": "rock," * 300}, "301 patterns; at most 256"),
        ({"pattern": "rock * 999, chakradar * 999"}, "hits; at most 16384 are allowed"),
        ({"pattern": "rock", "fill": "rokc", "fill_every": 4}, "there is no fill 'rokc'. Did you mean 'rock'"),
        ({"pattern": "rock", "fill": "buildup", "fill_every": 1}, "the fill 'buildup' is longer than 1 bar$"),
    ],
)
def test_an_error_names_its_position_and_the_intended_form(words, message):
    with pytest.raises(NodeError, match=f"^pattern: .*{message}"):
        block_of(Pattern, **words)


def test_a_user_file_is_read_and_its_errors_have_positions(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("patterns:\n  mine:\n    drums: {kick: x.x.}\n  rock:\n    drums: {kick: ..x.}\n")
    assert frames(heard(sixty(4_000), pattern="mine, rock", file=str(path))) == [0, 2_000]
    path.write_text("patterns:\n  mine:\n    bets: 3\n    drums:\n      kick: x.y.\n")
    with pytest.raises(NodeError, match=r"^pattern: .*mine.yaml:3:5: a pattern has no 'bets'"):
        block_of(Pattern, pattern="mine", file=str(path))
    with pytest.raises(PatchError) as caught:
        read(path)
    problems = [(p.line, p.column, p.message) for p in caught.value.problems]
    assert problems[0][:2] == (3, 5)
    assert "Did you mean 'beats'" in problems[0][2]
    assert problems[1][:2] == (5, 13)
    assert "cannot read 'y' at character 3" in problems[1][2]


def test_errors_are_reported_before_the_graph_is_built():
    text = "nodes:\n  beat: {node: Transport, meter: 4}\n  drums:\n    node: Pattern\n    drums: |\n      kick: x.z.\n"
    more = "  line: {node: Automation, points: '0: 1, 4: 2 lag'}\n  out: {node: Gain, audio: line}\nout: out\n"
    with pytest.raises(PatchError) as caught:
        loads(text + more)
    found = [(problem.line, problem.message) for problem in caught.value.problems]
    assert [line for line, _ in found] == [2, 3, 7]
    for (_, message), word in zip(found, ("not a time signature", "cannot read 'z'", "is not a curve"), strict=True):
        assert word in message


def test_its_page_lists_what_can_be_named():
    text = page(Pattern)
    assert "144 bundled patterns:" in text
    assert all(name in text for name in ("bossa nova", "teental", "58 bundled fills", "tihai"))


def test_drums_are_called_by_words_notes_and_numbers():
    assert [drum_key(word) for word in ("kick", "cabasa", "C2", "F#2", "81")] == [36, 83, 36, 42, 81]
    assert max(WORDS.values()) == HIGHEST
    assert parse_lanes("C2: x", Fraction(1)) == parse_lanes("kick: x", Fraction(1))


def test_backward_a_mark_is_where_it_is_from_the_end():
    hits = heard(sixty(8_000), drums="kick: x..x .... .... .(xo)..", direction="backward")
    assert hits[:4] == [(500, 36, 0.3), (625, 36, 0.7), (3_000, 36, 0.7), (3_750, 36, 0.7)]
    assert [(frame - 4_000, key, loud) for frame, key, loud in hits[4:]] == hits[:4]


def test_there_and_back_a_pattern_plays_forward_and_then_backward_in_whole_bars():
    hits = heard(sixty(12_000), drums="kick: xx.. snare (3 beats): x..", direction="ping_pong")
    assert frames(hits) == [0, 1_000, 4_000, 5_000, 8_000, 9_000]
    assert frames(heard(sixty(12_000), drums="kick: xx..", direction="ping_pong")) == [
        0, 1_000, 6_000, 7_000, 8_000, 9_000
    ]  # fmt: skip


def test_backward_a_chain_plays_its_last_pattern_first_and_swing_stays_on_the_offbeat():
    forward = heard(sixty(8_000), pattern="rock, samba")
    backward = heard(sixty(8_000), pattern="rock, samba", direction="backward")
    count = len([each for each in forward if each[0] < 4_000])
    assert len(backward) == len(forward)
    assert len([each for each in backward if each[0] >= 4_000]) == count
    assert frames(heard(sixty(2_000), drums="kick: xxxx xxxx", swing=2 / 3, direction="backward")) == [
        0, 667, 1_000, 1_667
    ]  # fmt: skip


def test_at_random_each_beat_is_one_of_the_pattern_s_and_belongs_to_its_place():
    drums = "kick: x... .... .... .... snare: .... .x.. .... .... hat: .... .... ..x. ...."
    options = {"drums": drums, "direction": "random", "seed": 4}
    hits = heard(sixty(100_000), **options)
    assert {(key, frame % 1_000) for frame, key, _ in hits} == {(36, 0), (38, 250), (42, 500)}
    assert all(10 < len(frames(hits, key)) < 42 for key in (36, 38, 42))
    part = heard(sixty(50_000, start=50.0), **options)
    assert part == [(frame - 50_000, key, loud) for frame, key, loud in hits if frame >= 50_000]
    bar = heard(jumps(sixty(8_000), 4_000, 0.0), **options)
    assert [each for each in bar if each[0] < 4_000] == [(f - 4_000, k, v) for f, k, v in bar if f >= 4_000]


def test_without_a_loop_a_direction_ends_after_one_turn():
    for direction, last in (("backward", 4_000), ("ping_pong", 8_000), ("random", 4_000)):
        block = run(sixty(12_000), drums="kick: xxxx", loop=False, direction=direction)
        assert frames(played(block)) == list(range(0, last, 1_000))
        assert block.done[0] == 1
