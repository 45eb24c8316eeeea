"""Open Sound Control server: patch inputs as addresses, notes, and subscriptions to meters and clocks.

    /filter/cutoff 800          sets an input; also "1.2 kHz", as in a patch
    /get /filter/cutoff         answers /filter/cutoff VALUE
    /note_on KEY VELOCITY [CHANNEL], /note_off KEY, /control NUMBER VALUE [CHANNEL], /panic, /mute 0|1
    /subscribe meters [RATE]    sends /meters PEAK RMS ... of the outputs, and /meters/NODE of each Meter,
    /subscribe clock [RATE]     /clock BEAT TEMPO PLAYING QUANTUM NODE, to the subscriber, for a minute
    /list                       answers /list ADDRESS VALUE MIN MAX UNIT for every input, then /list/end COUNT
    /reload, /preset NAME

Failed requests are answered with /error TEXT ADDRESS. A bundle with a time tag takes effect at its time; it has at most
256 messages. An asker is sent at most 32 kB per second (`allowance.py`); what exceeds that is not sent.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from itertools import islice
from typing import Any

import numpy as np

from graph.clocks.host import host_ns
from graph.engine.engine import NOW
from graph.errors import DeviceError, GraphrunError, in_words
from graph.language.expression import ExpressionError
from graph.memory.events import CONTROL, EVENT, TIMED_EVENT
from graph.midi.messages import note
from graph.node.values import constant
from graph.osc.allowance import Allowance
from graph.osc.packet import Message, OscError, messages, packet
from graph.osc.subscriptions import RATE, Address, Subscriptions
from graph.play.control import ControlThread
from graph.play.live import Live

PORT = 9000
AHEAD = 60.0
"""Maximum time of a time tag in the future, in seconds."""
WAITING = 8
"""Maximum number of pending /reload and /preset requests."""
ERRORS = 20
"""Maximum number of /error replies per second, so that a flood of errors causes no flood of replies."""
BUNDLED = 256
"""Maximum number of messages per packet."""
LISTS = 64
"""Maximum number of /list requests in progress."""
OURS = ("/error", "/meters", "/clock")
"""Addresses that this server sends; they are never answered, so two servers cannot loop."""


def parse_address(text: str) -> tuple[str, int]:
    """Parses `[HOST:]PORT` from the command line; the default host is 127.0.0.1."""
    host, colon, port = text.rpartition(":")
    host = host.strip("[]") if colon else "127.0.0.1"
    if not port.isdigit() or not 0 <= int(port) <= 65_535:
        raise DeviceError(f"--osc takes [HOST:]PORT, such as {PORT}, not '{text}'")
    return host or "0.0.0.0", int(port)


class OscServer:
    """[control] Serves a Live over UDP from its own thread, "graphrun osc".

    One thread starts and stops it; the rest happens on its own thread, without a lock. /preset and /reload, which may
    take seconds, happen on a second one, "graphrun osc patch", in their order: notes do not wait for them.

    host     127.0.0.1 accepts only local packets; 0.0.0.0 accepts packets from the network
    port     UDP port; 0 picks a free one, which `port` then holds
    reload, preset   handlers of /reload and /preset
    last     the last message that came, as text, and what is wrong with it, or nothing
    """

    def __init__(
        self,
        live: Live,
        host: str = "127.0.0.1",
        port: int = PORT,
        *,
        reload: Callable[[], object] | None = None,
        preset: Callable[[str], object] | None = None,
    ) -> None:
        if find_spec("pythonosc") is None:
            raise DeviceError("python-osc is not installed: pip install python-osc")
        self.live = live
        self._reload, self._preset = reload, preset
        opened: socket.socket | None = None
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            self._socket = opened = socket.socket(family, kind, protocol)
            opened.bind(where)
        except OSError as error:
            if opened is not None:
                opened.close()
            raise DeviceError(f"OSC cannot listen on {host}:{port}: {error.strerror or error}") from None
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._subscriptions = Subscriptions(live, self._send)
        self._actions: dict[str, Callable[[Message, Address], None]] = {
            "get": self._get,
            "note_on": self._note_on,
            "note_off": self._note_off,
            "control": self._control,
            "panic": self._panic,
            "mute": self._mute,
            "reload": self._read_again,
            "preset": self._choose,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "list": self._list,
        }
        self._allowance = Allowance()
        self._lists: dict[Address, Iterator[None]] = {}
        self._errors = (0.0, 0)
        self.last = ("", "")
        self._stopped = threading.Event()
        self._patch = ControlThread("graphrun osc patch", "the OSC server has been stopped")
        self._thread = threading.Thread(target=self._serve, name="graphrun osc", daemon=True)

    def start(self) -> OscServer:
        """Starts listening."""
        self._patch.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops listening."""
        self._stopped.set()
        self._patch.end(0.0)
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._socket.close()

    def __enter__(self) -> OscServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            now = time.monotonic()
            rest = 0.002 if self._lists else 0.2
            self._socket.settimeout(max(0.001, min(rest, self._subscriptions.due - now)))
            with suppress(OSError):  # a timeout, or the receiver of a reply is gone
                self._receive(*self._socket.recvfrom(65_536))
            self._subscriptions.publish(time.monotonic())
            self._go_on()

    def _receive(self, data: bytes, asker: Address) -> None:
        address = ""
        try:
            for count, message in enumerate(messages(data)):
                if count >= BUNDLED:
                    raise OscError(f"a bundle has at most {BUNDLED} messages: the rest of this one is ignored")
                address = message.address
                self.last = (
                    " ".join(
                        [
                            address,
                            *(f"{value:.6g}" if isinstance(value, float) else str(value) for value in message.values),
                        ]
                    ),
                    "",
                )
                if not address.startswith(OURS):
                    self._do(message, asker)
        except (GraphrunError, ExpressionError) as error:
            self._complain(str(error), address, asker)
        except Exception as error:  # a node's own Python may raise anything when a patch is read
            self._complain(in_words(error), address, asker)

    def _complain(self, text: str, address: str, asker: Address) -> None:
        said, _ = self.last
        self.last = (said if said.split(" ", 1)[0] == address else address or "a packet", text.splitlines()[0])
        now, (since, count) = time.monotonic(), self._errors
        self._errors = (now, 1) if now - since > 1.0 else (since, count + 1)
        if self._errors[1] <= ERRORS:
            self._send(asker, "/error", text[:1000], address[:200])

    def _send(self, to: Address, address: str, *values: float | int | str) -> None:
        data = packet(address, values)
        if self._allowance.grants(to, len(data), time.monotonic()):
            with suppress(OSError):
                self._socket.sendto(data, to)

    def _do(self, message: Message, asker: Address) -> None:
        """Executes one message; GraphrunError if it cannot."""
        words = message.address.strip("/").split("/")
        if len(words) > 1:
            self._set(".".join(words), message)
            return
        action = self._actions.get(words[0])
        if action is None:
            raise OscError("no such address: set an input with /NODE/PORT VALUE; /list lists all inputs")
        action(message, asker)

    def _set(self, path: str, message: Message) -> None:
        if len(message.values) != 1:
            raise OscError(f"{path} takes exactly one value")
        (value,) = message.values
        if isinstance(value, str):
            _, port = self.live.graph.find(path)
            value = constant(value, port, path)
        self.live.engine.set(path, self._number(value, path), self._frame(message) if message.time else NOW)

    def _get(self, message: Message, asker: Address) -> None:
        (address,) = self._values(message, "ADDRESS")
        path = str(address).strip("/").replace("/", ".")
        self._send(asker, "/" + path.replace(".", "/"), self.live[path])

    def _note_on(self, message: Message, _: Address) -> None:
        key, velocity, channel = self._values(message, "KEY", "VELOCITY", "CHANNEL", given=(0.8, 1))
        strength = self._unit(velocity, "velocity")
        self._play(note(self._key(key), strength or 0.5, self._channel(channel), on=strength > 0.0), message)

    def _note_off(self, message: Message, _: Address) -> None:
        key, velocity, channel = self._values(message, "KEY", "VELOCITY", "CHANNEL", given=(0.5, 1))
        self._play(note(self._key(key), self._unit(velocity, "velocity"), self._channel(channel), on=False), message)

    def _control(self, message: Message, _: Address) -> None:
        number, value, channel = self._values(message, "NUMBER", "VALUE", "CHANNEL", given=(1,))
        event = np.zeros(1, EVENT)
        event["kind"], event["channel"] = CONTROL, self._channel(channel)
        event["number"], event["value"] = int(self._key(number)), self._unit(value, "value")
        self._play(event, message)

    def _panic(self, message: Message, _: Address) -> None:
        self._values(message)
        self.live.panic()

    def _mute(self, message: Message, _: Address) -> None:
        (value,) = self._values(message, "MUTED", given=(1,))
        self.live.muted = self._number(value, "mute") > 0.5

    def _ask(self, work: Callable[[], object], message: Message, asker: Address) -> None:
        """Queues a reload of the patch; errors are answered once it has run."""
        if self._patch.waiting >= WAITING:
            raise OscError(f"{WAITING} /reload and /preset requests are pending: wait for them to finish")

        def attempt() -> None:
            try:
                work()
            except Exception as error:  # a node's own Python may raise anything when a patch is read
                known = isinstance(error, GraphrunError)
                self._complain(str(error) if known else in_words(error), message.address, asker)

        self._patch.later(attempt)

    def _read_again(self, message: Message, asker: Address) -> None:
        self._values(message)
        if self._reload is None:
            raise OscError("cannot reload: there is no patch file")
        self._ask(self._reload, message, asker)

    def _choose(self, message: Message, asker: Address) -> None:
        (name,) = self._values(message, "NAME")
        if self._preset is None:
            raise OscError("cannot apply a preset: there is no patch file")
        self._ask(partial(self._preset, str(name)), message, asker)

    def _subscribe(self, message: Message, asker: Address) -> None:
        topic, rate = self._values(message, "meters|clock", "RATE", given=(RATE,))
        self._subscriptions.add(asker, str(topic), self._number(rate, "rate"), time.monotonic())

    def _unsubscribe(self, message: Message, asker: Address) -> None:
        (topic,) = self._values(message, "meters|clock", given=("",))
        self._subscriptions.remove(asker, str(topic))

    def _list(self, message: Message, asker: Address) -> None:
        self._values(message)
        if len(self._lists) < LISTS:  # an asker whose list is on its way gets no second one
            self._lists.setdefault(asker, self._listing(asker))

    def _listing(self, asker: Address) -> Iterator[None]:
        """Sends one input per step."""
        params = dict(self.live.engine.plan.params)
        for path, param in params.items():
            low, high = param.port.min, param.port.max
            ends = -math.inf if low is None else float(low), math.inf if high is None else float(high)
            with suppress(GraphrunError):  # a hot reload has removed it
                self._send(asker, "/list", "/" + path.replace(".", "/"), self.live[path], *ends, param.port.unit)
            yield
        self._send(asker, "/list/end", len(params))

    def _go_on(self) -> None:
        """Sends 32 inputs of the oldest list, which then waits for its next turn, so that no asker waits for others."""
        asker = next(iter(self._lists), None)
        if asker is None:
            return
        steps = self._lists.pop(asker)
        if sum(1 for _ in islice(steps, 32)) == 32:
            self._lists[asker] = steps

    def _values(self, message: Message, *names: str, given: tuple[Any, ...] = ()) -> list[Any]:
        """The values of a message; omitted trailing values come from `given`."""
        missing = len(names) - len(message.values)
        if not 0 <= missing <= len(given):
            raise OscError(f"wrong number of values: send {' '.join([message.address, *names])}")
        return [*message.values, *given[len(given) - missing :]]

    def _number(self, value: Any, what: str) -> float:
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise OscError(f"{what} takes a number, not {str(value)[:50]!r}")
        return float(value)

    def _unit(self, value: Any, what: str) -> float:
        """A level 0 .. 1; an integer above 1 is a 7-bit MIDI value."""
        number = self._number(value, what)
        number = number / 127.0 if isinstance(value, int) and number > 1.0 else number
        if not 0.0 <= number <= 1.0:
            raise OscError(f"{what} must be 0 .. 1, or an integer up to 127")
        return number

    def _key(self, value: Any) -> float:
        number = self._number(value, "key")
        if not 0.0 <= number <= 127.0:
            raise OscError(f"keys and controllers must be 0 .. 127, not {number:g}")
        return number

    def _channel(self, value: Any) -> int:
        number = self._number(value, "channel")
        if number != int(number) or not 1 <= number <= 16:
            raise OscError(f"the channel must be 1 .. 16, not {number:g}")
        return int(number)

    def _ahead(self, message: Message) -> float:
        """Seconds until a message takes effect."""
        ahead = message.time - time.time() if message.time else 0.0
        if ahead > AHEAD:
            raise OscError(f"the time tag is {ahead:.0f} s in the future; the limit is {AHEAD:g} s")
        return max(0.0, ahead)

    def _frame(self, message: Message) -> int:
        """The frame at which a message that arrives now, or at its time tag, is played."""
        engine = self.live.engine
        return engine.frame_at(host_ns()) + round(self._ahead(message) * engine.rate)

    def _play(self, event: np.ndarray[Any, Any], message: Message) -> None:
        if not message.time:
            self.live.send_events(event)
            return
        timed = np.zeros(1, TIMED_EVENT)
        timed["event"] = event
        timed["time"] = self._frame(message)
        if self.live.engine.send(timed) < 1:
            raise OscError("too many notes at once: the event queue is full")
