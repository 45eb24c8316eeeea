"""Names and keywords that have changed: the old ones raise an error that gives the new one."""

from __future__ import annotations

from typing import Any

import pytest

from graph import Graph, GraphError
from graph.devices.device import Device
from graph.devices.null import NullDevice
from graph.engine.engine import Engine
from graph.native.functions import PLAIN
from graph.play.instrument import Instrument
from graph.play.live import Live
from nodes import MidiIn, Mix, Sine, Transport, VoiceAllocator

pytestmark = pytest.mark.usefixtures("time_limit")


def graph() -> Graph:
    return Graph(Mix(Sine(freq=VoiceAllocator(events=MidiIn()).freq)))


@pytest.fixture(scope="module")
def piece() -> Any:
    with graph().offline() as piece:
        yield piece


@pytest.mark.parametrize(("cls", "old"), [(cls, old) for cls in (Live, Engine, Device) for old in cls.renamed])
def test_an_old_name_raises_an_error_that_gives_the_new_one(cls: type[Any], old: str) -> None:
    made: Any = object.__new__(NullDevice if cls is Device else cls)
    new = cls.renamed[old]
    assert hasattr(cls, new) or new in ("messages", "on_events")  # those are made with the object
    assert not hasattr(cls, old)
    with pytest.raises(AttributeError, match=f"'{old}' of {type(made).__name__} is now '{new}'"):
        getattr(made, old)


def test_a_name_that_never_was_raises_the_ordinary_error(piece: Instrument) -> None:
    with pytest.raises(AttributeError, match="'Engine' object has no attribute 'lissen'"):
        piece.engine.lissen  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("old", ["at", "heard"])
@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("send", ([0x90, 60, 1],)),
        ("note_on", (60,)),
        ("note_off", (60,)),
        ("control", (1, 0.5)),
        ("send_out", ([0xFE],)),
    ],
)
def test_an_old_keyword_raises_an_error_that_gives_the_new_one(piece: Any, method: str, words: Any, old: str) -> None:
    with pytest.raises(TypeError, match=rf"^{method}\(\) takes host_time= in place of {old}=$"):
        getattr(piece, method)(*words, **{old: 1})


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"frame": 1, "beat": 1}, TypeError, "give one of host_time=, frame= and beat="),
        ({"frame": 1, "clock": "beat"}, TypeError, "clock= names the clock of beat="),
        ({"frame": 0.5}, GraphError, "a frame is a whole number, not 0.5"),
        ({"frame": -1}, GraphError, "a frame is 0 .. "),
        ({"host_time": float("nan")}, GraphError, "host_time is 0 .. "),
        ({"beat": 1}, GraphError, "the graph has no clock, so it has no beats: put a Transport into it"),
    ],
)
def test_a_time_that_means_nothing_is_refused(piece: Any, words: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        piece.note_on(60, **words)


@pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play")
def test_of_several_clocks_one_is_named() -> None:
    from nodes import ClockOut, MidiOut

    clocks = [Transport(tempo=tempo, name=name) for name, tempo in (("slow", 60.0), ("fast", 240.0))]
    outs = [MidiOut(events=ClockOut(clock=clock)) for clock in clocks]
    with Graph(Sine(), nodes=outs).offline() as piece:
        with pytest.raises(GraphError, match=r"2 clocks, (slow, fast|fast, slow): name one, such as clock='"):
            piece.note_on(60, beat=2)
        assert piece._frame(None, None, 2, "slow") == 96_000
        assert piece._frame(None, None, 2, "fast") == 24_000
