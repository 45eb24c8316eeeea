"""Open Sound Control: every input of the patch by its address, notes, and meters and clocks for who asks.

    /filter/cutoff 800          sets an input; also "1.2 kHz", as in a patch
    /get /filter/cutoff         answers /filter/cutoff VALUE
    /note_on KEY VELOCITY [CHANNEL], /note_off KEY, /control NUMBER VALUE [CHANNEL], /panic, /mute 0|1
    /subscribe meters [RATE]    sends /meters PEAK RMS ... of the outputs, and /meters/NODE of each Meter,
    /subscribe clock [RATE]     /clock BEAT TEMPO PLAYING QUANTUM NODE, to the asker, for a minute
    /list                       answers /list ADDRESS VALUE MIN MAX UNIT for every input, then /list/end COUNT
    /reload, /preset NAME

What cannot be done is answered with /error TEXT ADDRESS. A bundle with a time tag takes effect at its time.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from graph.clocks.host import host_ns
from graph.engine.engine import NOW
from graph.errors import DeviceError, GraphrunError, in_words
from graph.language.expression import ExpressionError
from graph.memory.events import CONTROL, EVENT, TIMED_EVENT
from graph.midi.messages import note
from graph.osc.packet import Message, OscError, messages, packet
from graph.osc.subscriptions import RATE, Address, Subscriptions
from graph.patch.options import constant
from graph.play.control import ControlThread
from graph.play.live import Live

PORT = 9000
AHEAD = 60.0
"""Seconds that a time tag may lie ahead."""
WAITING = 8
"""Requests to read the patch that may wait."""
ERRORS = 20
"""Errors that are answered in a second; a flood of mistakes is not answered with a flood."""
OURS = ("/error", "/meters", "/clock")
"""What we send ourselves: never answered, so that two servers do not talk for ever."""


def parse_address(text: str) -> tuple[str, int]:
    """`[HOST:]PORT` of the command line; the host is this machine alone unless it is given."""
    host, colon, port = text.rpartition(":")
    host = host.strip("[]") if colon else "127.0.0.1"
    if not port.isdigit() or not 0 <= int(port) <= 65_535:
        raise DeviceError(f"--osc takes [HOST:]PORT, such as {PORT}, not '{text}'")
    return host or "0.0.0.0", int(port)


class OscServer:
    """[control] Serves a Live over UDP from a thread of its own, "graphrun osc".

    One thread starts and stops it; the rest happens on its own thread, without a lock. /preset and /reload, which may
    take seconds, happen on a second one, "graphrun osc patch", in their order: notes do not wait for them.

    host     127.0.0.1 hears this machine alone; 0.0.0.0 every machine that reaches this one
    port     0 takes a free one; `port` then says which
    reload, preset   what /reload and /preset do
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
            raise DeviceError("python-osc is not installed: pip install 'graphrun[osc]'")
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
            raise DeviceError(f"OSC cannot listen at {host}:{port}: {error.strerror or error}") from None
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
        self._errors = (0.0, 0)
        self._stopped = threading.Event()
        self._patch = ControlThread("graphrun osc patch", "the OSC server has been stopped")
        self._thread = threading.Thread(target=self._serve, name="graphrun osc", daemon=True)

    def start(self) -> OscServer:
        """Begins to listen."""
        self._patch.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Listens no longer."""
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
            self._socket.settimeout(max(0.001, min(0.2, self._subscriptions.due - now)))
            with suppress(OSError):  # nothing came, or who was answered is not there any more
                self._receive(*self._socket.recvfrom(65_536))
            self._subscriptions.publish(time.monotonic())

    def _receive(self, data: bytes, asker: Address) -> None:
        address = ""
        try:
            for message in messages(data):
                address = message.address
                if not address.startswith(OURS):
                    self._do(message, asker)
        except (GraphrunError, ExpressionError) as error:
            self._complain(str(error), address, asker)
        except Exception as error:  # a node's own Python may raise anything when a patch is read
            self._complain(in_words(error), address, asker)

    def _complain(self, text: str, address: str, asker: Address) -> None:
        now, (since, count) = time.monotonic(), self._errors
        self._errors = (now, 1) if now - since > 1.0 else (since, count + 1)
        if self._errors[1] <= ERRORS:
            self._send(asker, "/error", text[:1000], address[:200])

    def _send(self, to: Address, address: str, *values: float | int | str) -> None:
        with suppress(OSError):
            self._socket.sendto(packet(address, values), to)

    def _do(self, message: Message, asker: Address) -> None:
        """Does what one message asks for; a GraphrunError says why not."""
        words = message.address.strip("/").split("/")
        if len(words) > 1:
            self._set(".".join(words), message)
            return
        action = self._actions.get(words[0])
        if action is None:
            raise OscError("there is no such address; an input is set with /NODE/PORT VALUE, and /list tells them all")
        action(message, asker)

    def _set(self, path: str, message: Message) -> None:
        if len(message.values) != 1:
            raise OscError(f"{path} takes one value")
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
        """Has the patch read again, in its turn; what goes wrong is answered then."""
        if self._patch.waiting >= WAITING:
            raise OscError(f"{WAITING} requests for the patch are still being done")

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
            raise OscError("there is no patch file to be read again")
        self._ask(self._reload, message, asker)

    def _choose(self, message: Message, asker: Address) -> None:
        (name,) = self._values(message, "NAME")
        if self._preset is None:
            raise OscError("there is no patch file to choose a preset of")
        self._ask(partial(self._preset, str(name)), message, asker)

    def _subscribe(self, message: Message, asker: Address) -> None:
        topic, rate = self._values(message, "meters|clock", "RATE", given=(RATE,))
        self._subscriptions.add(asker, str(topic), self._number(rate, "rate"), time.monotonic())

    def _unsubscribe(self, message: Message, asker: Address) -> None:
        (topic,) = self._values(message, "meters|clock", given=("",))
        self._subscriptions.remove(asker, str(topic))

    def _list(self, message: Message, asker: Address) -> None:
        self._values(message)
        params = self.live.engine.plan.params
        for count, (path, param) in enumerate(params.items(), start=1):
            low, high = param.port.min, param.port.max
            ends = -math.inf if low is None else float(low), math.inf if high is None else float(high)
            self._send(asker, "/list", "/" + path.replace(".", "/"), self.live[path], *ends, param.port.unit)
            if count % 32 == 0:
                time.sleep(0.002)  # the asker's buffer is not endless
        self._send(asker, "/list/end", len(params))

    def _values(self, message: Message, *names: str, given: tuple[Any, ...] = ()) -> list[Any]:
        """The values of a message; those at the end that are left out are `given`."""
        missing = len(names) - len(message.values)
        if not 0 <= missing <= len(given):
            raise OscError(f"write {' '.join([message.address, *names])}")
        return [*message.values, *given[len(given) - missing :]]

    def _number(self, value: Any, what: str) -> float:
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise OscError(f"{what} takes a number, not {str(value)[:50]!r}")
        return float(value)

    def _unit(self, value: Any, what: str) -> float:
        """0 .. 1; a whole number above 1 is one of MIDI's."""
        number = self._number(value, what)
        number = number / 127.0 if isinstance(value, int) and number > 1.0 else number
        if not 0.0 <= number <= 1.0:
            raise OscError(f"{what} is 0 .. 1, or a whole number up to 127")
        return number

    def _key(self, value: Any) -> float:
        number = self._number(value, "key")
        if not 0.0 <= number <= 127.0:
            raise OscError(f"keys and controllers are 0 .. 127, not {number:g}")
        return number

    def _channel(self, value: Any) -> int:
        number = self._number(value, "channel")
        if number != int(number) or not 1 <= number <= 16:
            raise OscError(f"channels are 1 .. 16, not {number:g}")
        return int(number)

    def _ahead(self, message: Message) -> float:
        """Seconds until a message is to take effect."""
        ahead = message.time - time.time() if message.time else 0.0
        if ahead > AHEAD:
            raise OscError(f"its time is {ahead:.0f} s ahead; {AHEAD:g} s at most")
        return max(0.0, ahead)

    def _frame(self, message: Message) -> int:
        """The frame at which what arrives now, or at its time, is played."""
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
            raise OscError("too many notes at once")
