"""Parts of a song selected by bars or sections: their position, their length, and the end of the song."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from graph import Graph, GraphError, Setup
from graph.cli.run import main
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.perform.excerpt import excerpt
from graph.play.render import Renderer
from nodes.dsp.clocks.tempo import HOME

SONG = """\
nodes:
  beat: {{node: Transport, tempo: 120, {more}}}
  hits: {{node: Pattern, clock: beat, drums: "kick: x...X... snare: ..x...x."}}
  level: {{node: Automation, clock: beat, points: "0: 0.2, 32: 1 log"}}
  voices: {{node: VoiceAllocator, events: hits, mode: mono}}
  kick: {{node: Kick, trigger: voices.trigger, decay: 60 ms, click: 0}}
  out: {{node: Gain, audio: kick, gain: level}}
out: out
"""

compiled = pytest.mark.skipif(PLAIN, reason="a whole patch in plain Python takes minutes")


def song(more: str = "quantum: 4") -> Graph:
    return loads(SONG.format(more=more))


@compiled
def test_a_part_sounds_as_it_does_in_the_whole_song() -> None:
    whole = song().render(seconds=12, rate=8_000)
    graph = song()
    seconds = excerpt(graph, "3", "5")
    assert seconds == 4.0
    part = graph.render(seconds=seconds, rate=8_000)
    assert len(part) == 4 * 8_000
    np.testing.assert_allclose(part[:16_000], whole[32_000:48_000], atol=1e-4)
    assert np.abs(part).max() > 0.1


def test_bars_count_from_one_in_the_time_signature_of_the_clock() -> None:
    assert excerpt(song(), "", "2") == 2.0
    assert excerpt(song("meter: 6/8"), "2", "4") == 3.0


def test_the_length_of_a_part_follows_its_tempo_ramp() -> None:
    exact = 60 / 7.5 * np.log(2)
    assert excerpt(song("tempos: '0: 60, 8: 120'"), "1", "3") == pytest.approx(exact, abs=1 / 48_000)
    assert excerpt(song("tempos: '0: 60, 8: 120'"), "3", "4") == pytest.approx(2.0, abs=1 / 48_000)


def test_sections_can_be_start_and_end_points() -> None:
    graph = song("sections: 'intro: 1, verse: 3, end: 7'")
    assert excerpt(graph, "verse", "end") == pytest.approx(8.0, abs=1 / 48_000)
    assert graph.nodes["beat"].options["start"] == 3.0
    assert excerpt(graph, "verse") is None


@pytest.mark.parametrize(
    ("more", "first", "last", "message"),
    [
        ("quantum: 4", "0", "", "--from: bars count from 1, so there is no bar 0"),
        ("quantum: 4", "5", "5", "--to 5 must be after --from 5"),
        ("sections: 'verse: 1, end: 5'", "vers", "", "no section 'vers'. Did you mean 'verse'"),
        ("quantum: 4", "chorus", "", "Bars are numbers from 1"),
        ("sections: 'verse: 1, end: 5'", "2", "9", "beat does not reach bar 9"),
        ("sections: 'verse: 1, end: 5'", "5", "", "--from 5: the song ends at bar 5"),
        ("playing: 0", "1", "2", "does not reach bar 2"),
        ("swing: 0.5 + level * 0.1", "1", "2", "beat.swing is driven by a cable"),
    ],
)
def test_an_error_says_what_is_wrong(more: str, first: str, last: str, message: str) -> None:
    text = SONG.format(more=more).replace("clock: beat, points", "points")
    with pytest.raises(GraphError, match=message):
        excerpt(loads(text), first, last)


def test_a_patch_without_a_transport_has_no_bars() -> None:
    graph = loads("nodes:\n  osc: {node: Sine}\nout: osc\n")
    with pytest.raises(GraphError, match="Transport or a MIDI file, and this patch has neither"):
        excerpt(graph, "1", "2")


@compiled
def test_a_song_with_an_end_renders_to_its_end_even_if_its_pattern_loops() -> None:
    audio = np.concatenate(list(Renderer(song("sections: 'verse: 1, end: 3'"), rate=8_000)))
    assert 4.0 < len(audio) / 8_000 < 6.5
    assert len(np.concatenate(list(Renderer(song(), rate=8_000)))) == 30 * 8_000


@compiled
def test_a_section_starts_its_pattern_on_the_frame_of_its_bar() -> None:
    graph = loads(
        "nodes:\n"
        "  beat: {node: Transport, tempo: 97.3, sections: 'first: 1, second: 2, third: 4'}\n"
        "  hits: {node: Pattern, clock: beat, pattern: 'tresillo, shiko, techno', select: beat.section}\n"
        "  voices: {node: VoiceAllocator, events: hits, mode: mono}\n"
        "  level: {node: Mix, audio: voices.trigger}\n"
        "out: level\n"
    )
    audio = graph.render(seconds=11, rate=48_000)[:, 0]
    found = np.flatnonzero(audio > 0.5)
    beats = [0, 1.5, 3, 4, 5, 5.5, 6.5, 7, 8, 9, 9.5, 10.5, 11, 12]
    exact = np.ceil(np.array(beats) * 60 / 97.3 * 48_000 - 1e-6).astype(int)
    np.testing.assert_array_equal(found[: len(beats)], exact)
    for block in (16, 256):
        again = graph.render(seconds=5, rate=48_000, block=block)[:, 0]
        np.testing.assert_array_equal(again, audio[: len(again)])


@compiled
def test_chance_is_in_a_part_what_it_is_in_the_whole(tmp_path: Path) -> None:
    patch = tmp_path / "patch.yaml"
    patch.write_text("""\
nodes:
  beat: {node: Transport, tempo: 120, start: 2}
  hits: {node: Steps, clock: beat, steps: "C4?0.5 D4?0.5 E4x3@0.5", direction: random, seed: 3}
  some: {node: Chance, events: hits, clock: beat, seed: 2}
  voices: {node: VoiceAllocator, events: some, mode: mono}
  wobble: {node: Lfo, shape: random, beats: 1, clock: beat, seed: 5}
  out: {node: Mix, audio: [voices.trigger, wobble * 0.1]}
out: out
""")
    sounds = {}
    for name, words in (("whole", ()), ("part", ("--from", "4"))):
        file = tmp_path / f"{name}.wav"
        words = ("--out", file, "--rate", 8_000, "--seconds", 14 if name == "whole" else 8, *words)
        assert main([str(patch), *map(str, words)]) == 0
        sounds[name], _ = soundfile.read(file, always_2d=True)
    begin = 2 * 4 * 4_000  # bar 4 is two bars after the start at bar 2
    np.testing.assert_allclose(sounds["part"][: 6 * 8_000], sounds["whole"][begin : begin + 6 * 8_000], atol=1e-4)
    assert np.count_nonzero(np.diff(sounds["part"][:, 0]) > 0.2) > 10


def test_a_reset_in_a_part_leads_to_where_the_whole_begins() -> None:
    graph = song("start: 2")
    assert excerpt(graph, "4", "6") == pytest.approx(4.0, abs=1 / 48_000)
    assert graph.start.seconds == pytest.approx(4.0, abs=1 / 48_000)
    states = graph.nodes["beat"].prepare(Setup("beat", 48_000.0, 64, 1, 1, graph.start))
    assert (states["law"][0], states["region"][HOME]) == (12.0, 4.0)
