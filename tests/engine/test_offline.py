"""A score in Python, rendered offline: its events are on their frames, and the same score plays live."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from graph import NOTE_ON, TRIGGER, DeviceError, Graph, GraphError
from graph.native.functions import PLAIN
from graph.play.instrument import Instrument
from nodes import AudioIn, ClockOut, Decay, Impulse, Lfo, MidiIn, MidiOut, Mix, Sine, Transport, VoiceAllocator

pytestmark = [
    pytest.mark.skipif(PLAIN, reason="plain Python is too slow to render seconds"),
    pytest.mark.usefixtures("time_limit"),
]


def synth(tempo: float = 120.0, **transport: Any) -> Graph:
    voices = VoiceAllocator(events=MidiIn(name="keys"), polyphony=8, name="voices")
    beat = Transport(tempo=tempo, name="beat", **transport)
    tone = Mix(audio=Sine(freq=voices.freq) * Decay(trigger=voices.trigger, time=0.05) * 0.1)
    return Graph(tone, nodes=[MidiOut(events=ClockOut(clock=beat), name="sync")])


async def voice(live: Instrument, key: int, every: float, notes: int) -> None:
    clock = live.clock("beat")
    for _ in range(notes):
        await clock.sync(every)
        live.note_on(key)


async def canon(live: Instrument, beats: int = 4) -> None:
    """The canon of aalink's examples: one line in three voices at 1/2, 1/4 and 1/8 beats."""
    await asyncio.gather(*(voice(live, 60 + 4 * n, 1 / 2**n, beats * 2**n) for n in (1, 2, 3)))


def heard(live: Instrument) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []

    @live.on_events  # type: ignore[attr-defined, untyped-decorator]
    def note(events: np.ndarray[Any, Any]) -> None:
        on = events[events["event"]["kind"] == NOTE_ON]
        found.extend((int(frame), int(key)) for frame, key in zip(on["time"], on["event"]["number"], strict=True))

    return found


@pytest.mark.parametrize("block", [64, 500])
@pytest.mark.parametrize("tempo", [120.0, 93.7])
def test_each_note_of_a_canon_is_on_its_frame(tempo: float, block: int) -> None:
    with synth(tempo).offline(block=block) as piece:
        played = heard(piece)
        piece.run(canon(piece))
        piece.wait(0.1)
    beat = 60 * 48_000 / tempo
    wanted = [
        (int(np.ceil(step / 2**n * beat - 1e-6)), 60 + 4 * n) for n in (1, 2, 3) for step in range(1, 4 * 2**n + 1)
    ]
    assert sorted(played) == sorted(wanted)


def test_a_canon_is_heard_on_its_frames(tmp_path: Path) -> None:
    with synth().offline() as piece:
        piece.run(canon(piece, beats=2))
        piece.write(tmp_path / "canon.wav")
    audio, rate = soundfile.read(tmp_path / "canon.wav", always_2d=True)
    assert rate == 48_000
    first = int(np.flatnonzero(audio[:, 0])[0])
    assert 3_000 <= first <= 3_002  # a sine begins at 0
    assert 48_000 + 2 * 48_000 <= len(audio) < 4 * 48_000  # two beats and the tail
    assert np.abs(audio[-48_000:]).max() < 10 ** (-90 / 20)


def test_the_same_score_plays_live() -> None:
    with synth(600.0).play(device="null") as live:
        played = heard(live)
        asyncio.run(asyncio.wait_for(canon(live, beats=2), 30))
        until = time.monotonic() + 5
        while len(played) < 28 and time.monotonic() < until:
            time.sleep(0.01)
    assert sorted(key for _, key in played) == [64] * 4 + [68] * 8 + [72] * 16


def test_offline_time_is_the_music_and_not_the_clock_on_the_wall() -> None:
    async def nap() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(3_600.5)
        return before, loop.time()

    with Graph(Impulse(freq=1.0)).offline(rate=8_000, block=8_192) as piece:
        began = time.monotonic()
        assert piece.run(nap()) == (0.0, 3_600.5)
        assert piece.frame == 28_804_000
        assert time.monotonic() - began < 60


def test_a_beat_of_the_first_block_and_a_start_elsewhere_are_exact() -> None:
    async def score(piece: Instrument) -> list[float]:
        clock = piece.clock()
        beats = [await clock.sync(1 / 1_000) for _ in range(2)]
        piece.note_on(60)
        return beats

    with synth(start=8.0).offline(block=1_024) as piece:
        played = heard(piece)
        assert piece.run(score(piece)) == pytest.approx([28.001, 28.002])  # bar 8 begins at beat 28
        piece.wait(0.1)
    assert played == [(48, 60)]


def test_notes_and_values_are_placed_by_frame_beat_and_host_time() -> None:
    with synth().offline() as piece:
        played = heard(piece)
        piece.note_on(60, frame=1_000)
        piece.note_on(61, beat=1.5)
        piece.note_on(62, host_time=250_000_000)
        piece.note_on(63)
        piece.send(mido.Message("note_on", note=64), beat=1, clock="beat")
        piece.wait(1.0)
    assert played == [(0, 63), (1_000, 60), (12_000, 62), (24_000, 64), (36_000, 61)]


def test_a_value_is_set_on_its_frame() -> None:
    source = Sine(freq=0.0, name="tone")
    from nodes import Constant

    level = Constant(value=0.0, name="level")
    with Graph(level, nodes=[source]).offline() as piece:
        piece.set("level.value", 1.0, frame=1_000)
        piece.wait(0.1)
        audio = piece.render(0.0)[:, 0]
    assert np.flatnonzero(audio)[0] in (1_000, 1_001)  # a ramp of 5 ms begins there
    assert audio[1_300] == 1.0


def test_a_tempo_that_a_score_sets_holds_from_then_on() -> None:
    async def score(piece: Any) -> None:
        clock = piece.clock("beat")
        await clock.sync(1)
        piece["beat.tempo"] = 60.0
        await clock.sync(1)
        piece.note_on(60)

    with synth().offline() as piece:
        played = heard(piece)
        piece.run(score(piece))
        piece.wait(0.1)
    assert abs(played[0][0] - (24_000 + 48_000)) <= 64  # a tempo takes effect with its block


def test_a_score_reacts_to_what_a_node_plays() -> None:
    async def echo(piece: Instrument) -> list[int]:
        frames = []
        async for event in piece.events("pulse.out"):
            assert event.kind == TRIGGER
            frames.append(event.frame)
            piece.note_on(72)
            if len(frames) == 4:
                break
        return frames

    voices = VoiceAllocator(events=MidiIn(), name="voices")
    pulse = Impulse(freq=10.0, name="pulse")
    with Graph(Mix(Sine(freq=voices.freq)) + pulse).offline() as piece:
        played = heard(piece)
        frames = piece.run(echo(piece))
        piece.wait(0.1)
    assert frames is not None
    assert np.diff(frames).tolist() == [4_800] * 3
    assert [frame for frame, _ in played] == [-(-(frame + 1) // 64) * 64 for frame in frames]  # the block after


def test_a_stream_ends_after_thirty_seconds_without_an_event() -> None:
    with synth().offline() as piece:
        assert list(piece.events("keys")) == []
        assert 30 * 48_000 < piece.frame < 31 * 48_000


def test_a_score_without_an_end_stops_at_its_limit_and_leaves_no_task() -> None:
    ended = []

    async def forever(piece: Instrument) -> None:
        try:
            for n in itertools.count():
                await piece.clock("beat").sync(1 / 4)
                piece.note_on(60 + n % 12)
        finally:
            ended.append(True)

    with synth().offline() as piece:
        played = heard(piece)
        assert piece.run(forever(piece), seconds=2.0) is None
        assert ended == [True]
        assert piece.frame == 96_000
        piece.wait(0.1)
        assert len(played) in (15, 16)  # the sixteenth falls on the limit


def test_an_error_of_a_score_is_raised() -> None:
    async def wrong(piece: Instrument) -> None:
        await piece.clock("beat").sync(1)
        piece.note_on(200)

    with synth().offline() as piece, pytest.raises(GraphError, match=r"a key must be 0 \.\. 127, not 200"):
        piece.run(wrong(piece))


def test_a_render_of_a_piece_is_a_render_of_its_graph() -> None:
    graph = Graph(Sine(freq=Lfo(rate=3.0) * 100.0 + 440.0))
    wanted = graph.render(seconds=1.0)
    with graph.offline() as piece:
        piece.wait(0.3)
        assert (piece.render(0.7) == wanted).all()
    sound = np.random.default_rng(1).uniform(-1, 1, (4_800, 2)).astype(np.float32)
    with Graph(AudioIn(width=2)).offline(audio_in=sound) as piece:
        assert (piece.render(0.1) == sound).all()


def test_a_midi_file_and_messages_out_are_taken_by_a_piece(tmp_path: Path) -> None:
    track = mido.MidiTrack([mido.Message("note_on", note=60, time=0), mido.Message("note_off", note=60, time=480)])
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(tmp_path / "song.mid")
    with synth().offline() as piece:
        played = heard(piece)
        assert piece.play_midi(tmp_path / "song.mid") == []
        piece.wait(0.5)
        piece.send_out([0x90, 60, 100])
        piece.send_out([0x80, 60, 0], host_time=750_000_000)
        piece.wait(0.5)
    assert played == [(4_800, 60)]
    assert piece.sent == [(500_000_000, b"\x90\x3c\x64"), (750_000_000, b"\x80\x3c\x00")]


def test_a_swap_in_a_piece_fades_over() -> None:
    with Graph(Sine(freq=100.0, name="tone")).offline() as piece:
        piece.wait(0.1)
        piece.swap(Graph(Sine(freq=100.0, name="tone") * 0.5))
        piece.wait(0.1)
        audio = piece.render(0.0)[:, 0]
    assert np.abs(audio[:4_800]).max() == pytest.approx(1.0, abs=0.01)
    assert np.abs(audio[6_000:]).max() == pytest.approx(0.5, abs=0.01)


def test_a_piece_that_was_stopped_says_so() -> None:
    with synth().offline() as piece:
        pass
    with pytest.raises(DeviceError, match=r"make another with Graph\.offline"):
        piece.note_on(60)
