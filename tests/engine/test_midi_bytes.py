"""MIDI's bytes to events and back: whatever comes, in whatever pieces, and as much as comes."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import (
    ALL_NOTES_OFF,
    BEND,
    CONTINUE,
    CONTROL,
    JUMP,
    KEY_PRESSURE,
    NOTE_OFF,
    NOTE_ON,
    PRESSURE,
    PROGRAM,
    START,
    STOP,
    SUSTAIN,
    TICK,
)
from graph.clocks.host import host_ns
from graph.devices.null import NullDevice
from graph.engine.engine import Engine
from graph.graph import loads
from graph.memory.events import TIMED_EVENT
from graph.memory.ring import Ring, publish
from graph.memory.tables import HELD, MIDI_EVENTS, MIDI_PORT
from graph.midi.bytes import message_of, receive, release_port, status_of
from graph.native.cache import addresses, callable_at, function_unit
from graph.native.functions import PLAIN

DIGITS = 14
"""To which values are compared: compiled, a quotient is a product that may differ in its last bit."""


class Port:
    """A port with a ring of its own, read natively."""

    def __init__(self) -> None:
        found = addresses([function_unit(function) for function in (receive, release_port, publish)])
        self.native = [callable_at(a) for a in found[:2]]
        self.ring = Ring(MIDI_EVENTS, TIMED_EVENT, found[2])
        self.held, self.coarse = np.zeros((16, HELD), np.uint8), np.zeros((16, 32), np.uint8)
        self.record = np.zeros(1, MIDI_PORT)
        self.record["ring"] = self.ring.address
        self.record["held"], self.record["coarse"] = self.held.ctypes.data, self.coarse.ctypes.data

    def read(self, data: bytes, time: int = 0) -> None:
        array = np.frombuffer(data, np.uint8)
        self.record["at"], self.record["length"], self.record["time"] = array.ctypes.data, len(array), time
        self.native[0](self.record.ctypes.data)

    def release(self) -> None:
        self.native[1](self.record.ctypes.data)

    def take(self) -> list[tuple[int, int, float, float]]:
        """Kind, channel, number and value of all events."""
        return [
            (int(e["kind"]), int(e["channel"]), float(e["number"]), round(float(e["value"]), DIGITS))
            for e in self.ring.take()["event"]
        ]


def events_of(data: bytes) -> list[tuple[int, int, float, float]]:
    port = Port()
    port.read(data)
    return port.take()


RELEASE = 64 / 127


def expected(message: Any) -> list[tuple[int, int, float, float]]:
    """The event that a message of mido's is."""
    channel = getattr(message, "channel", -1) + 1
    if message.type == "note_on" and message.velocity:
        return [(NOTE_ON, channel, message.note, message.velocity / 127)]
    if message.type in ("note_on", "note_off"):
        value = message.velocity / 127 if message.type == "note_off" else RELEASE
        return [(NOTE_OFF, channel, message.note, value)]
    if message.type == "polytouch":
        return [(KEY_PRESSURE, channel, message.note, message.value / 127)]
    if message.type == "control_change":
        return [(CONTROL, channel, message.control, message.value / 127)]
    if message.type == "program_change":
        return [(PROGRAM, channel, message.program, 0.0)]
    if message.type == "aftertouch":
        return [(PRESSURE, channel, 0.0, message.value / 127)]
    if message.type == "pitchwheel":
        return [(BEND, channel, 0.0, message.pitch / (8191 if message.pitch > 0 else 8192))]
    if message.type == "songpos":
        return [(JUMP, 0, 0.0, message.pos / 4)]
    alone = {"clock": TICK, "start": START, "stop": STOP, "continue": CONTINUE}
    return [(alone[message.type], 0, 0.0, 0.0)] if message.type in alone else []


STREAM = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.tuples(st.integers(0x80, 0xFF), st.integers(0, 127), st.integers(0, 127)).map(bytes),
        st.tuples(st.integers(0xF8, 0xFE)).map(bytes),
        st.binary(max_size=40).map(lambda body: b"\xf0" + bytes(byte & 127 for byte in body) + b"\xf7"),
    ),
    max_size=60,
).map(b"".join)


@settings(deadline=None, max_examples=30 if PLAIN else 300)
@given(STREAM, st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_any_bytes_in_any_pieces_give_sound_events_and_leave_nothing_held(data: bytes, sizes: list[int]) -> None:
    whole = events_of(data)
    port = Port()
    at = 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        port.read(data[at : at + size])
        at += size
    assert port.take() == whole
    for kind, channel, number, value in whole:
        assert (1 <= channel <= 16) == (kind <= PROGRAM)
        assert 0 <= number <= 127
        assert -1 <= value <= (1 if kind != JUMP else 4096)
        assert kind != NOTE_ON or value > 0
    port.release()
    down: set[tuple[int, float]] = set()
    for kind, channel, number, _ in [*whole, *port.take()]:
        if kind == NOTE_ON:
            down.add((channel, number))
        elif kind == NOTE_OFF:
            down.discard((channel, number))
        elif kind == CONTROL and number in (120, ALL_NOTES_OFF):
            down = {key for key in down if key[0] != channel}
    assert not down
    assert not port.held.any()


MESSAGES = st.lists(
    st.one_of(
        st.tuples(st.integers(0x80, 0xBF), st.integers(0, 127), st.integers(0, 127)).filter(
            lambda m: m[0] < 0xB0 or not 32 <= m[1] < 64  # the finer halves, which mido does not join
        ),
        st.tuples(st.integers(0xC0, 0xDF), st.integers(0, 127)),
        st.tuples(st.integers(0xE0, 0xEF), st.integers(0, 127), st.integers(0, 127)),
        st.tuples(st.just(0xF2), st.integers(0, 127), st.integers(0, 127)),
        st.sampled_from([(0xF8,), (0xFA,), (0xFB,), (0xFC,), (0xF1, 5), (0xF3, 9), (0xF6,), (0xF0, 1, 2, 0xF7)]),
    ).map(bytes),
    max_size=40,
)


@settings(deadline=None, max_examples=30 if PLAIN else 300)
@given(MESSAGES, st.booleans())
def test_whole_messages_are_read_as_mido_reads_them(messages: list[bytes], running: bool) -> None:
    parser = mido.Parser()
    parser.feed(b"".join(messages))
    wanted = [event for message in parser for event in expected(message)]
    wire = bytearray()
    status = 0
    for message in messages:
        leave_out = running and message[0] == status < 0xF0
        wire += message[1:] if leave_out else message
        status = message[0] if message[0] < 0xF8 else status
    found = events_of(bytes(wire))
    assert [event[:3] for event in found] == [event[:3] for event in wanted]
    np.testing.assert_allclose([event[3] for event in found], [event[3] for event in wanted], atol=1e-12)


def encoded(kind: int, channel: int, number: float, value: float) -> bytes:
    return bytes(message_of(SimpleNamespace(kind=kind, channel=channel, number=number, value=value)))


@pytest.mark.parametrize("channel", [1, 7, 16])
def test_every_event_comes_back_from_its_bytes(channel: int) -> None:
    for kind in (NOTE_OFF, NOTE_ON, CONTROL, KEY_PRESSURE):
        for number in (0, 1, 31, 64, 74, 127):
            for value in range(1, 128, 3):
                event = (kind, channel, float(number), round(value / 127, DIGITS))
                assert events_of(encoded(*event)) == [event]
    for value in range(128):
        event = (PRESSURE, channel, 0.0, round(value / 127, DIGITS))
        assert events_of(encoded(*event)) == [event]
        assert events_of(encoded(PROGRAM, channel, value, 0.0)) == [(PROGRAM, channel, value, 0.0)]


def test_all_16384_bends_come_back_exactly() -> None:
    wire = b"".join(bytes((0xE0, n & 127, n >> 7)) for n in range(16_384))
    port = Port()
    found = []
    for at in range(0, len(wire), 3 * 4096):
        port.read(wire[at : at + 3 * 4096])
        found += port.take()
    assert found[0][3] == -1.0
    assert found[8192][3] == 0.0
    assert found[16_383][3] == 1.0
    step = 1 if not PLAIN else 97
    for n in range(0, 16_384, step):
        assert encoded(*found[n]) == bytes((0xE0, n & 127, n >> 7))


def test_the_clock_s_messages_come_back_and_song_positions_in_sixteenths() -> None:
    for kind in (TICK, START, CONTINUE, STOP):
        assert events_of(encoded(kind, 0, 0.0, 0.0)) == [(kind, 0, 0.0, 0.0)]
    for sixteenths in (0, 1, 127, 128, 16_383):
        event = (JUMP, 0, 0.0, sixteenths / 4)
        assert events_of(encoded(*event)) == [event]


def test_what_has_no_midi_message_has_no_status() -> None:
    assert status_of(SimpleNamespace(kind=99, channel=1)) == 0


def test_a_finer_half_makes_fourteen_bits_of_a_controller() -> None:
    assert events_of(bytes([0xB0, 1, 64, 0xB0, 33, 5])) == [
        (CONTROL, 1, 1.0, round(64 / 127, DIGITS)),
        (CONTROL, 1, 33.0, round(5 / 127, DIGITS)),
        (CONTROL, 1, 1.0, round((64 * 128 + 5) / 16383, DIGITS)),
    ]


def test_the_halves_of_a_data_entry_stay_apart() -> None:
    assert [event[2] for event in events_of(bytes([0xB0, 6, 12, 38, 50]))] == [6, 38]


def test_system_exclusive_of_a_megabyte_is_passed_over_with_the_clock_inside_it() -> None:
    half = bytes(20_000 if PLAIN else 500_000)
    assert events_of(b"\xf0" + half + b"\xf8" + half + b"\xf7\x90\x3c\x40") == [
        (TICK, 0, 0.0, 0.0),
        (NOTE_ON, 1, 60.0, round(64 / 127, DIGITS)),
    ]


PATCH = """
nodes:
  keys:   {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 16}
  mix:    {node: Mix, audio: voices.gate}
out: mix
"""


@pytest.mark.skipif(PLAIN, reason="plain Python is no match for a flood")
@pytest.mark.parametrize(("rate", "overflows"), [(100_000, False), (2_000_000, True)])
def test_a_flood_is_dropped_with_a_count_and_leaves_no_note_hanging(rate: int, overflows: bool) -> None:
    engine = Engine(loads(PATCH), rate=48_000, block=64)
    device = NullDevice(engine)
    port = Port()
    rng = np.random.default_rng(1)
    notes = rng.integers(0, 128, (rate // 100, 3)).astype(np.uint8)  # every hundredth of a second
    notes[:, 0] = rng.choice([0x90, 0x93, 0x80, 0x83], len(notes))
    notes[::50, 0], notes[::50, 1] = 0xB0, SUSTAIN
    flood = notes.tobytes()
    engine.set_midi_input(port.ring.address)
    device.start()
    sent = 0

    def send() -> None:
        nonlocal sent
        start = time.monotonic()
        for n in range(150):
            port.read(flood, host_ns())
            sent += len(notes)
            time.sleep(max(0.0, start + 0.01 * (n + 1) - time.monotonic()))

    sender = threading.Thread(target=send)
    sender.start()
    sender.join()
    port.record["time"] = host_ns()
    port.read(b"", host_ns())
    time.sleep(0.3)  # the ring empties
    port.read(bytes([0xF8]), host_ns())  # whatever comes next finds room: now what was lost is made good
    port.release()
    time.sleep(0.2)
    assert port.ring.used == 0
    stats = device.stop()
    received, dropped = int(port.record["received"][0]), int(port.record["dropped"][0])
    print(f"{sent} messages at {rate} a second: {dropped} dropped; {stats.missed} of {stats.callbacks} callbacks late")
    assert dropped > 0 or not overflows
    assert received + dropped >= sent
    assert not engine.render(640).any()
    assert engine.nonfinite_blocks == 0
