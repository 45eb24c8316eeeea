"""OSC subscriptions to meters and clocks: receivers, rates and expiry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graph.engine.gauges import clocks, levels
from graph.memory.meters import Meter
from graph.osc.packet import OscError
from graph.play.live import Live

RATE, FASTEST = 10.0, 60.0
"""Default and maximum rate in Hz."""
EXPIRES = 60.0
"""Seconds until a subscription expires unless renewed."""
SUBSCRIBERS = 64
TOPICS = ("meters", "clock")

Address = tuple[Any, ...]


@dataclass
class _Subscription:
    period: float
    due: float
    expires: float
    meters: dict[str, list[Meter]] = field(default_factory=dict)


class Subscriptions:
    """[control] Sends subscribed data with `send(to, address, *values)`; peaks between two messages are kept.

    Used only by the server's thread.
    """

    def __init__(self, live: Live, send: Callable[..., None]) -> None:
        self._live, self._send = live, send
        self._all: dict[tuple[Address, str], _Subscription] = {}

    @property
    def due(self) -> float:
        """Monotonic time of the next message."""
        return min((each.due for each in self._all.values()), default=float("inf"))

    def add(self, asker: Address, topic: str, rate: float, now: float) -> None:
        """Subscribes `asker` to a topic at `rate` messages per second."""
        if topic not in TOPICS or not 0.0 < rate <= FASTEST:
            raise OscError(f"subscribe to {' or '.join(TOPICS)}, with a rate of at most {FASTEST:g} Hz")
        if (asker, topic) not in self._all and len(self._all) >= SUBSCRIBERS:
            raise OscError(f"no free subscription: the limit is {SUBSCRIBERS}")
        self._all[asker, topic] = _Subscription(1.0 / rate, now, now + EXPIRES)

    def remove(self, asker: Address, topic: str = "") -> None:
        """Cancels a subscription; without a topic, all of them."""
        for key in [key for key in self._all if key[0] == asker and topic in ("", key[1])]:
            del self._all[key]

    def publish(self, now: float) -> None:
        """Sends all subscribed data that is due."""
        for key in [key for key, each in self._all.items() if each.expires < now]:
            del self._all[key]
        if not any(each.due <= now for each in self._all.values()):
            return
        engine = self._live.engine
        metering = [each for (_, topic), each in self._all.items() if topic == "meters"]
        if metering:
            read = {"": engine.meters("osc"), **levels(engine)}
            for each in metering:
                each.meters = {name: _louder(each.meters.get(name), values) for name, values in read.items()}
        for (asker, topic), each in self._all.items():
            if each.due > now:
                continue
            each.due = max(each.due + each.period, now)
            if topic == "meters":
                for name, values in each.meters.items():
                    path = f"/meters/{name.replace('.', '/')}" if name else "/meters"
                    self._send(asker, path, *(x for meter in values for x in (meter.peak, meter.rms)))
                each.meters = {}
            else:
                for name, clock in clocks(engine).items():
                    self._send(asker, "/clock", clock.beat, clock.tempo, int(clock.playing), clock.quantum, name)


def _louder(before: list[Meter] | None, now: list[Meter]) -> list[Meter]:
    """The higher of two readings per channel."""
    if before is None or len(before) != len(now):
        return now
    return [Meter(max(a.peak, b.peak), max(a.rms, b.rms)) for a, b in zip(before, now, strict=True)]
