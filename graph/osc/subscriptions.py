"""Who is sent meters and clocks over OSC, how often, and until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graph.engine.gauges import clocks, levels
from graph.memory.meters import Meter
from graph.osc.packet import OscError
from graph.play.live import Live

RATE, FASTEST = 10.0, 60.0
"""How often, by default and at most, in Hz."""
EXPIRES = 60.0
"""Seconds after which who has subscribed is forgotten, unless it subscribes again."""
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
    """[control] Sends with `send(to, address, *values)` what has been asked for; no peak is lost in between.

    For one thread, the server's.
    """

    def __init__(self, live: Live, send: Callable[..., None]) -> None:
        self._live, self._send = live, send
        self._all: dict[tuple[Address, str], _Subscription] = {}

    @property
    def due(self) -> float:
        """When something is to be sent next, on the monotonic clock."""
        return min((each.due for each in self._all.values()), default=float("inf"))

    def add(self, asker: Address, topic: str, rate: float, now: float) -> None:
        """From now on `asker` is sent a topic `rate` times a second."""
        if topic not in TOPICS or not 0.0 < rate <= FASTEST:
            raise OscError(f"subscribe to {' or '.join(TOPICS)}, at most {FASTEST:g} times a second")
        if (asker, topic) not in self._all and len(self._all) >= SUBSCRIBERS:
            raise OscError(f"{SUBSCRIBERS} have subscribed already")
        self._all[asker, topic] = _Subscription(1.0 / rate, now, now + EXPIRES)

    def remove(self, asker: Address, topic: str = "") -> None:
        """No longer; without a topic, none."""
        for key in [key for key in self._all if key[0] == asker and topic in ("", key[1])]:
            del self._all[key]

    def publish(self, now: float) -> None:
        """Sends what has been subscribed to and is due."""
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
    """The higher of two readings, channel by channel."""
    if before is None or len(before) != len(now):
        return now
    return [Meter(max(a.peak, b.peak), max(a.rms, b.rms)) for a, b in zip(before, now, strict=True)]
