"""Python receives the events of a node: notes, triggers and gates, with their frames and beats."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import numpy as np
import pytest

from graph import NOTE_OFF, NOTE_ON, TRIGGER, Graph, GraphError
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.play.event_streams import WAITING
from nodes import Impulse, Kick, MidiIn, Mix, Sine, Transport, VoiceAllocator

pytestmark = [
    pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play"),
    pytest.mark.usefixtures("time_limit"),
]

DRUMS = """
nodes:
  beat: {node: Transport, tempo: 240}
  line: {node: Notes, notes: C2, clock: beat, step: 1}
  four: {node: VoiceAllocator, events: line, mode: mono}
  kick: {node: Kick, trigger: four.trigger}
out: kick * 0.5
"""


def until(happened: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def pulses(rate: float = 10.0) -> Graph:
    return Graph(Impulse(freq=rate, name="pulse"))


def test_triggers_arrive_with_frame_beat_and_host_time() -> None:
    with loads(DRUMS).play(device="null") as live:
        found = []
        for event in live.events("four"):
            found.append(event)
            if len(found) == 5:
                break
        assert {event.kind for event in found} == {TRIGGER}
        assert np.diff([event.frame for event in found]).tolist() == [12_000] * 4
        assert np.diff([event.beat for event in found]) == pytest.approx(1.0, abs=1e-3)
        assert [event.beat % 1 for event in found] == pytest.approx([0.0] * 5, abs=1e-3)
        assert np.diff([event.host_time for event in found]) == pytest.approx(250e6, abs=10e6)


def test_a_task_receives_the_notes_of_an_events_output() -> None:
    async def listen(live: Any) -> list[Any]:
        stream = live.events("keys")
        live.note_on(60, 0.5, 3)
        live.note_off(60, 0.25, 3)
        return [await anext(stream) for _ in range(2)]

    voices = VoiceAllocator(events=MidiIn(name="keys"))
    with Graph(Mix(Sine(freq=voices.freq))).play(device="null") as live:
        on, off = asyncio.run(asyncio.wait_for(listen(live), 20))
    assert (on.kind, on.number, on.value, on.channel) == (NOTE_ON, 60.0, 0.5, 3)
    assert (off.kind, off.number, off.value, off.channel) == (NOTE_OFF, 60.0, 0.25, 3)
    assert on.frame <= off.frame
    assert np.isnan(on.beat)  # there is no clock


def test_each_voice_of_a_gate_gives_its_own_events() -> None:
    voices = VoiceAllocator(events=MidiIn(), polyphony=4, name="voices")
    with Graph(Mix(Sine(freq=voices.freq))).play(device="null") as live:
        stream = live.events("voices.gate")
        for key in (60, 64, 67):
            live.note_on(key)
        found = [next(stream) for _ in range(3)]
    assert sorted(event.number for event in found) == [1.0, 2.0, 3.0]
    assert {event.channel for event in found} == {1}


def test_to_listen_changes_no_sample() -> None:
    graph = loads(DRUMS)
    wanted = graph.render(seconds=1.0)
    with graph.offline() as piece:
        piece.wait(0.31)
        stream = piece.events("four")
        piece.wait(0.31)
        other = piece.events("kick.out")
        audio = piece.render(1.0 - 0.62)
        assert (audio == wanted[: len(audio)]).all()
        assert [event.frame for event in stream._queue] == [24_000, 36_000]
        assert other.lost == 0


def test_a_stream_survives_a_swap_and_an_open_gate_is_no_new_event() -> None:
    def graph(gain: float) -> Graph:
        voices = VoiceAllocator(events=MidiIn(), name="voices")
        return Graph(Mix(Sine(freq=voices.freq)) * gain)

    with graph(0.5).play(device="null") as live:
        stream = live.events("voices.gate")
        live.note_on(60)
        assert next(stream).value > 0.5
        live.swap(graph(0.25))
        until(lambda: not live.engine.swapping)
        late = live.events("voices.gate")  # the gate is open already
        live.swap(Graph(Sine()))
        live.swap(graph(0.5))
        live.note_on(64)
        until(lambda: len(stream._queue) + (live._streams.poll() or 0))
        assert [len(stream._queue), len(late._queue)] == [1, 1]
        until(lambda: not live.engine.swapping)
        fresh = live.events("voices")  # its trigger is over
        time.sleep(0.1)
        live._streams.poll()
        assert [len(stream._queue), len(late._queue), len(fresh._queue)] == [1, 1, 0]


def test_a_stream_opened_during_a_swap_is_kept() -> None:
    with pulses(100.0).play(device="null") as live:
        stale = live.engine.prepare(pulses(100.0))
        stream = live.events("pulse")
        until(lambda: not live.engine.swapping)
        del stale
        over = threading.Event()

        def swaps() -> None:
            while not over.is_set():
                live.swap(pulses(100.0))

        thread = threading.Thread(target=swaps)
        thread.start()
        try:
            others = [live.events(path) for path in ("pulse.out", "pulse")]
        finally:
            over.set()
            thread.join()
        for each in (stream, *others):
            assert next(each).kind == TRIGGER


def test_slow_python_loses_events_and_not_the_sound() -> None:
    with pulses(12_000.0).play(device="null") as live:
        stream = live.events("pulse")
        until(lambda: stream.lost > 1_000, 20)
        assert len(stream._queue) == WAITING
        until(lambda: any("too slowly" in line for line in live.messages), 20)  # said after the whole batch was taken
        told = [line for line in live.messages if "too slowly" in line]
        assert told == ["events('pulse') is read too slowly: events are dropped"]
        first = [next(stream).frame for _ in range(100)]
        assert np.diff(first).tolist() == [4] * 99
        assert live.stats.callbacks > 0
        assert live.engine.nonfinite_blocks == 0


def test_events_that_do_not_fit_into_the_ring_are_counted_and_reported() -> None:
    with pulses(12_000.0).offline(block=64) as piece:
        stream = piece.events("pulse")
        piece.engine.render(48_000 * 2)  # 24,000 events while nobody looks
        piece._streams.poll()
        frames = [event.frame for event in stream._queue]
        assert len(frames) == 8_192
        assert np.diff(frames).tolist() == [4] * 8_191
        assert piece.messages[-1].startswith("Python was busy and lost 158")
        assert piece.messages[-1].endswith("events of pulse")


def test_a_stream_without_references_is_dropped() -> None:
    with pulses().offline() as piece:
        stream = piece.events("pulse")
        assert len(piece._streams._open) == 1
        del stream
        assert len(piece._streams._open) == 0


def test_streams_end_when_playing_stops() -> None:
    live = pulses(100.0).play(device="null")
    stream = live.events("pulse")
    threading.Timer(0.3, live.stop).start()
    assert len(list(stream)) > 5


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("kik", r"there is no node 'kik'\. Did you mean 'kick'\?"),
        ("kick.outt", r"kick has no output 'outt'\. Did you mean 'out'\?"),
        ("beat.out", r"beat\.out is a clock: wait for its beats with clock\('beat'\)\.sync\(1\)"),
        ("spare", "spare is not connected to the output, so it gives no events"),
    ],
)
def test_an_output_without_events_is_rejected(path: str, message: str) -> None:
    beat = Transport(name="beat")
    kick = Kick(trigger=Impulse(freq=1.0), name="kick")
    graph = Graph(kick, nodes=[beat, Impulse(name="spare")])
    with graph.offline() as piece, pytest.raises(GraphError, match=message):
        piece.events(path)
