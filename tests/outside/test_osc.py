"""OSC: python-osc's client controls and queries the patch, and no packet does harm."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

pytest.importorskip("pythonosc")

from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient

from graph.errors import DeviceError, GraphrunError
from graph.graph import loads
from graph.osc.allowance import BURST, RATE, Allowance
from graph.osc.packet import OscError, messages, packet
from graph.osc.server import ERRORS, OscServer, parse_address
from graph.play.live import Live

PATCH = """
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  beat: {node: Transport, tempo: 90}
  osc: {node: Sine, freq: 440 Hz}
  low: {node: LowPass, audio: osc, cutoff: 1 kHz}
  level: {node: Meter, audio: low}
  sum: {node: Mix, audio: voices.gate * 0}
  echo: {node: Delay, audio: level, time: 1/4 beats, clock: beat}
out: [echo, level, sum]
"""


@pytest.fixture
def live() -> Iterator[Live]:
    with loads(PATCH).play(device="null", rate=8_000, block=256) as playing:
        yield playing


class Client(SimpleUDPClient):  # type: ignore[misc]
    def get(self, seconds: float = 5.0) -> tuple[str, list[object]]:
        message = next(self.get_messages(seconds), None)
        assert message is not None, "no answer"
        return message.address, list(message)


@pytest.fixture
def reloads() -> list[object]:
    return []


@pytest.fixture
def client(live: Live, reloads: list[object]) -> Iterator[Client]:
    with OscServer(live, port=0, reload=lambda: reloads.append(1), preset=reloads.append) as server:
        found = Client("127.0.0.1", server.port)
        yield found
        found._sock.close()


def until(check: object, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_every_input_is_set_by_its_address(client: Client, live: Live) -> None:
    client.send_message("/low/cutoff", 500.0)
    until(lambda: live["low.cutoff"] == 500.0)
    client.send_message("/low/cutoff", 600)
    until(lambda: live["low.cutoff"] == 600.0)
    client.send_message("/low/cutoff", "1.2 kHz")
    until(lambda: live["low.cutoff"] == 1_200.0)


def test_get_returns_the_value_of_an_input(client: Client) -> None:
    client.send_message("/get", "/low/cutoff")
    assert client.get() == ("/low/cutoff", [1000.0])


def test_notes_and_controllers_are_played(client: Client, live: Live) -> None:
    heard: list[tuple[int, int, float, float]] = []

    def observe(records: np.ndarray) -> None:
        heard.extend(
            (int(e["kind"]), int(e["channel"]), float(e["number"]), float(e["value"])) for e in records["event"]
        )

    live.on_events(observe)
    client.send_message("/note_on", [60, 0.5])
    client.send_message("/note_on", [61.5, 127, 3])
    client.send_message("/control", [74, 0.25, 2])
    client.send_message("/note_off", 60)
    client.send_message("/note_on", [61.5, 0.0, 3])
    until(lambda: len(heard) == 5)
    assert heard == [(1, 1, 60, 0.5), (1, 3, 61.5, 1.0), (2, 2, 74, 0.25), (0, 1, 60, 0.5), (0, 3, 61.5, 0.5)]
    assert live.voices["voices"][0] == 0


def test_panic_mute_reload_and_preset(client: Client, live: Live, reloads: list[object]) -> None:
    client.send_message("/note_on", [60, 0.5])
    until(lambda: live.voices["voices"][0] == 1)
    client.send_message("/panic", [])
    until(lambda: live.voices["voices"][0] == 0)
    client.send_message("/mute", 1)
    until(lambda: live.muted)
    client.send_message("/mute", 0)
    until(lambda: not live.muted)
    client.send_message("/reload", [])
    until(lambda: reloads == [1])
    client.send_message("/preset", ["night"])
    until(lambda: reloads == [1, "night"])


def test_a_subscriber_gets_meters_until_it_unsubscribes(client: Client) -> None:
    client.send_message("/subscribe", ["meters", 50])
    found: dict[str, list[object]] = {}
    deadline = time.monotonic() + 5
    while not all(found.get(name, [0.0])[0] for name in ("/meters", "/meters/level")) and time.monotonic() < deadline:
        address, values = client.get()
        found[address] = values
    assert 0.1 < found["/meters"][0] < 2.1  # type: ignore[operator]
    assert 0.1 < found["/meters/level"][0] < 1.1  # type: ignore[operator]
    client.send_message("/unsubscribe", "meters")
    time.sleep(0.1)
    while next(client.get_messages(0.05), None) is not None:
        pass
    assert next(client.get_messages(0.2), None) is None


def test_a_subscriber_gets_the_clock(client: Client) -> None:
    client.send_message("/subscribe", ["clock", 20])
    address, values = client.get()
    assert (address, values[1:]) == ("/clock", [90.0, 1, 4.0, "beat"])


def test_a_subscription_expires(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.osc.subscriptions.EXPIRES", 0.2)
    with OscServer(live, port=0) as server:
        client = Client("127.0.0.1", server.port)
        client.send_message("/subscribe", ["clock", 50])
        client.get()
        until(lambda: not server._subscriptions._all)
        client._sock.close()


def test_list_gives_every_input_with_its_range(client: Client) -> None:
    client.send_message("/list", [])
    found = {}
    address, values = client.get()
    while address == "/list":
        found[values[0]] = values[1:]
        address, values = client.get()
    assert (address, values) == ("/list/end", [len(found)])
    assert found["/low/cutoff"] == [1000.0, 20.0, 20_000.0, "Hz"]


def test_messages_of_two_processes_arrive(client: Client, live: Live) -> None:
    code = (
        "import sys; from pythonosc.udp_client import SimpleUDPClient; "
        "SimpleUDPClient('127.0.0.1', int(sys.argv[1])).send_message('/low/cutoff', 321.0)"
    )
    subprocess.run([sys.executable, "-c", code, str(client._port)], check=True, timeout=60)
    until(lambda: live["low.cutoff"] == 321.0)


def test_a_bundle_takes_effect_at_its_time(client: Client, live: Live) -> None:
    builder = OscBundleBuilder(time.time() + 0.6)  # type: ignore[arg-type]
    inner = OscMessageBuilder("/low/cutoff")
    inner.add_arg(777.0)
    builder.add_content(inner.build())
    sent = time.monotonic()
    client.send(builder.build())
    time.sleep(0.3)
    assert live["low.cutoff"] == 1_000.0
    until(lambda: live["low.cutoff"] == 777.0)
    assert 0.5 < time.monotonic() - sent < 2.0


@pytest.mark.parametrize(
    ("address", "values", "word"),
    [
        ("/low/cutof", [3.0], "Did you mean 'cutoff'"),
        ("/lo/cutoff", [3.0], "Did you mean 'low'"),
        ("/low/audio", [3.0], "driven by"),
        ("/low/cutoff", [], "takes exactly one value"),
        ("/low/cutoff", [1.0, 2.0], "takes exactly one value"),
        ("/low/cutoff", [float("nan")], "takes a number"),
        ("/low/cutoff", [float("inf")], "takes a number"),
        ("/low/cutoff", [1e9], "outside"),
        ("/low/cutoff", ["loud"], "loud"),
        ("/low/cutoff", ["3 ms"], "s"),
        ("/low/cutoff", [b"12"], "takes a number"),
        ("/nothing", [1], "no such address"),
        ("/", [], "no such address"),
        ("//", [], "no such address"),
        ("/a/b/c/d", [1.0], "no node"),
        ("/note_on", [], "send /note_on KEY"),
        ("/note_on", ["C", 1.0], "takes a number"),
        ("/note_on", [200, 1.0], "0 .. 127"),
        ("/note_on", [60, 1.5], "velocity must be 0 .. 1"),
        ("/note_on", [60, 0.5, 17], "the channel must be 1 .. 16"),
        ("/note_on", [60, float("nan")], "takes a number"),
        ("/control", [1], "send /control NUMBER VALUE"),
        ("/get", ["/low/nothing"], "no input"),
        ("/get", [3], "NODE.PORT"),
        ("/subscribe", ["everything"], "subscribe to meters or clock"),
        ("/subscribe", ["meters", 1e9], "at most 60"),
        ("/subscribe", ["meters", float("nan")], "takes a number"),
    ],
)
def test_invalid_messages_get_an_error_reply(address: str, values: list[object], word: str, client: Client) -> None:
    client.send_message(address, values)
    answer, (text, about) = client.get()
    assert answer == "/error"
    assert word in str(text)
    assert about == address


def test_without_a_patch_file_there_is_nothing_to_reload(live: Live) -> None:
    with OscServer(live, port=0) as server:
        client = Client("127.0.0.1", server.port)
        client.send_message("/reload", [])
        assert "no patch file" in str(client.get()[1][0])
        client._sock.close()


def garbage() -> Iterator[bytes]:
    random = np.random.default_rng(5)
    good = [packet("/low/cutoff", [500.0]), packet("/note_on", [60, 0.5]), packet("/subscribe", ["meters", 5.0])]
    bundle = b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(g)) + g for g in good)
    for _ in range(400):
        whole = bytearray([*good, bundle][random.integers(4)])
        for _ in range(random.integers(1, 6)):
            whole[random.integers(len(whole))] = random.integers(256)
        yield bytes(whole[: random.integers(len(whole) + 1)])
    for _ in range(200):
        yield random.integers(0, 256, random.integers(0, 200)).astype(np.uint8).tobytes()
    yield from (b"", b"/", b"/\0\0\0", b"/\0\0\0,", b"#bundle\0", b"/\xff\xfe\0,i\0\0")
    for size in (-4, 0, 1, 2**31 - 1, -(2**31)):
        yield b"#bundle\0" + bytes(8) + struct.pack(">i", size) + bytes(8)
    nested = b"/x\0\0"
    for _ in range(2_000):
        nested = b"#bundle\0" + bytes(8) + struct.pack(">i", len(nested)) + nested
    yield nested
    yield b"/x\0\0," + b"[" * 60_000
    yield b"/x\0\0," + b"T" * 59_995 + bytes(8)


def test_no_packet_is_anything_but_messages_or_an_error() -> None:
    read = refused = 0
    for data in garbage():
        try:
            read += len([message for message in messages(data) if message.address.startswith("/")])
        except OscError:
            refused += 1
    assert read > 10
    assert refused > 200


def test_garbage_and_floods_do_no_harm(client: Client, live: Live) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        for data in garbage():
            other.sendto(data, ("127.0.0.1", client._port))
        for _ in range(5_000):
            other.sendto(packet("/nothing", [1]), ("127.0.0.1", client._port))
            other.sendto(packet("/low/cutoff", [444.0]), ("127.0.0.1", client._port))
        other.sendto(packet("/unsubscribe", []), ("127.0.0.1", client._port))  # there may be one in the garbage
        answered, deadline = 0, time.monotonic() + 1.5
        other.settimeout(0.1)
        while time.monotonic() < deadline:
            with suppress(TimeoutError):
                answered += other.recv(65_536).startswith(b"/error")
    assert answered < 20 * ERRORS
    deadline = time.monotonic() + 20
    while live["low.cutoff"] != 555.0 and time.monotonic() < deadline:
        client.send_message("/low/cutoff", 555.0)
        time.sleep(0.05)
    assert live["low.cutoff"] == 555.0
    assert not live.lost
    live.panic()


def test_it_listens_only_to_this_machine_by_default() -> None:
    assert parse_address("9000") == ("127.0.0.1", 9000)
    assert parse_address("0.0.0.0:9001") == ("0.0.0.0", 9001)
    assert parse_address(":9001") == ("0.0.0.0", 9001)
    assert parse_address("[::1]:9001") == ("::1", 9001)
    for wrong in ("", "x", "1.2.3.4", "host:", "host:99999", "-1"):
        with pytest.raises(DeviceError, match="PORT"):
            parse_address(wrong)


def test_a_port_that_is_taken_is_an_error(live: Live) -> None:
    with OscServer(live, port=0) as server, pytest.raises(DeviceError, match=f"127.0.0.1:{server.port}"):
        OscServer(live, port=server.port)


def test_without_python_osc_it_says_what_to_install(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.osc.server.find_spec", lambda _: None)
    with pytest.raises(GraphrunError, match=r"pip install python-osc"):
        OscServer(live)


def test_stopping_ends_its_thread(live: Live) -> None:
    server = OscServer(live, port=0).start()
    server.stop()
    assert not server._thread.is_alive()
    if os.name == "posix":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(("127.0.0.1", server.port))


def test_a_flood_of_lists_is_answered_within_the_allowance_and_blocks_nobody(live: Live) -> None:
    udp = socket.AF_INET, socket.SOCK_DGRAM
    with OscServer(live, port=0) as server, socket.socket(*udp) as asked, socket.socket(*udp) as other:
        for each in (asked, other):
            each.settimeout(10)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        place = ("127.0.0.1", server.port)
        one = packet("/list", [])
        bundle = b"#bundle\0" + struct.pack(">Q", 1) + (struct.pack(">i", len(one)) + one) * 256
        begun = time.monotonic()
        for _ in range(20):
            asked.sendto(bundle, place)
        other.sendto(packet("/get", ["/low/cutoff"]), place)
        assert b"/low/cutoff" in other.recv(65_536)
        size = 0
        asked.settimeout(0.5)
        with suppress(OSError):
            while True:
                size += len(asked.recv(65_536))
        assert 0 < size <= BURST + RATE * (time.monotonic() - begun)


def test_a_bundle_of_too_many_messages_is_cut(live: Live) -> None:
    with OscServer(live, port=0) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(10)
        one = packet("/mute", [0])
        data = b"#bundle\0" + struct.pack(">Q", 1) + (struct.pack(">i", len(one)) + one) * 1_000
        asker.sendto(data, ("127.0.0.1", server.port))
        assert b"a bundle has at most 256 messages" in asker.recv(65_536)


def test_askers_are_sent_32_kb_per_second() -> None:
    allowance = Allowance()
    assert sum(allowance.grants("a", 1_000, 0.0) for _ in range(1_000)) == 128
    assert sum(allowance.grants("a", 1_000, 1.0) for _ in range(1_000)) == 32
    assert allowance.grants("b", 100_000, 1.0)
    for number in range(300):
        assert allowance.grants(number, 1, 2.0)
    assert len(allowance._left) == 256
