"""Beats in Python: asyncio tasks that wait for the beats of a clock.

    clock = LinkClock(120)
    await clock.sync(1 / 2)            # 0.5, 1, 1.5, ...
        await clock.sync(1, offset=0.25)   # a quarter beat late

No thread is used. A timer wakes the event loop two milliseconds early, because its timers are no more precise, and
the rest is spent in iterations of the loop, so that other tasks keep running. While other Python threads are busy, the
loop gets the interpreter only within a switch interval, 5 ms by default. The interval is shortened while a task waits
for a beat (`graph.clocks.switching`), and restored afterwards.
"""

from __future__ import annotations

import asyncio
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, SupportsFloat

from graph.clocks.host import host_ns
from graph.clocks.switching import Switching
from graph.clocks.timeline import Line, next_beat, positive

COARSE = 0.0022 + max(0.0, 1.2 * time.get_clock_info("monotonic").resolution - 0.0002)
"""Seconds by which an event-loop timer may be late."""
HOLD = 1_000_000
"""Maximum nanoseconds of busy-waiting before a beat, if one iteration of the loop takes longer than the wait."""
LOOK = 0.01
"""Seconds between polls of a timeline that others may change."""
LEAP = 0.1
"""Deviation in beats from the expected timeline that counts as a jump."""


@dataclass
class _Waiting:
    future: asyncio.Future[float]
    every: float
    offset: float
    origin: float
    ahead: float  # nanoseconds
    beat: float = 0.0

    def aim(self, now: float) -> None:
        """The next beat after `now`."""
        self.beat = next_beat(now, self.every, self.offset, self.origin)


@dataclass
class _Hooks:
    value: Any = None
    calls: list[Callable[[Any], object]] = field(default_factory=list)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Beats(ABC):
    """[control] A clock whose beats asyncio tasks can await: `LinkClock`, `InternalClock`, `NodeClock`.

    quantum   beats per bar: the range of `phase`

    Callbacks run with the new value on the event loop in which they were registered; their exceptions go to the
    loop's exception handler.
    """

    def __init__(self) -> None:
        self._quantum = 1.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.Handle | None = None
        self._soon = 0  # host time of the scheduled next iteration
        self._before: Line | None = None
        self._hooks = {"tempo": _Hooks(), "num_peers": _Hooks(), "start_stop": _Hooks()}

    coarse, look, slack = COARSE, LOOK, 0.0
    """Seconds by which a timer may be late, seconds between two looks, and nanoseconds that are none."""

    def _now(self) -> int:
        """The host's time in nanoseconds; an offline piece has its own."""
        return host_ns()

    @abstractmethod
    def _line(self) -> Line:
        """The current timeline."""

    @property
    @abstractmethod
    def tempo(self) -> float:
        """Beats per minute."""

    @property
    @abstractmethod
    def playing(self) -> bool:
        """Whether the transport is running; beats continue while it is stopped, except in a stopped clock."""

    @property
    def num_peers(self) -> int:
        """Number of other peers in the session."""
        return 0

    @property
    def peers(self) -> int:
        """Same as `num_peers`."""
        return self.num_peers

    @property
    def quantum(self) -> float:
        """Beats per bar."""
        return self._quantum

    @quantum.setter
    def quantum(self, value: float) -> None:
        self._quantum = positive("quantum", value)
        self._changed()

    @property
    def beat(self) -> float:
        """The current beat."""
        return self._line().beat_at(self._now())

    @property
    def phase(self) -> float:
        """The beat within its bar, 0 .. quantum."""
        return self.beat % self._quantum

    @property
    def time(self) -> timedelta:
        """The host time, in Link's microseconds."""
        return timedelta(microseconds=self._now() // 1_000)

    def host_time(self, beat: float) -> int:
        """The host time in nanoseconds of `beat` on the current timeline, for scheduling MIDI ahead."""
        time = self._line().time_of(beat)
        if not math.isfinite(time):
            raise ValueError("the clock is stopped: beats have no time")
        return round(time)

    def sync(
        self, beat: SupportsFloat, offset: SupportsFloat = 0, origin: SupportsFloat = 0, *, ahead: float = 0.0
    ) -> asyncio.Future[float]:
        """A future that completes at the next multiple of `beat`; its result is that exact beat.

        `sync(2)` at 11.5 completes at 12; `offset` shifts the grid, `origin` is its starting beat.
        ahead   seconds to wake early, to leave time to send messages stamped with the beat's `host_time`
        """
        every = float(beat)
        if not (every > 0 and math.isfinite(every)):
            raise ValueError(f"invalid beat value {every:g}: must be above 0")
        if not (math.isfinite(float(offset)) and math.isfinite(float(origin)) and 0 <= ahead < math.inf):
            raise ValueError("offset and origin must be finite, and ahead not negative")
        loop = self._bind()
        waiting = _Waiting(loop.create_future(), every, float(offset), float(origin), ahead * 1e9)
        line = self._line()
        waiting.aim(line.beat_at(self._now() + waiting.ahead))
        if not self._waiting:
            Switching.enter()
        self._waiting.append(waiting)
        waiting.future.add_done_callback(self._given_up)
        self._before = self._before or line
        self._arm()
        return waiting.future

    def _given_up(self, future: asyncio.Future[float]) -> None:
        """Removes the future of a canceled task."""
        if future.cancelled():
            self._waiting = [waiting for waiting in self._waiting if waiting.future is not future]
            if not self._waiting:
                Switching.leave()

    def _bind(self) -> asyncio.AbstractEventLoop:
        """The running loop; a clock serves one loop at a time."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed():
                raise RuntimeError("this clock is in use by another event loop")
            self._loop, self._timer = loop, None
            if self._waiting:
                Switching.leave()
            self._waiting.clear()
        return loop

    def _arm(self) -> None:
        """Schedules the next iteration, for a due beat or a poll."""
        loop = self._loop
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        hooked = any(hooks.calls for hooks in self._hooks.values())
        if loop is None or loop.is_closed() or not (self._waiting or hooked):
            return
        line, now = self._line(), self._now()
        left = min((line.time_of(w.beat) - w.ahead - now for w in self._waiting), default=math.inf) * 1e-9
        if left > self.coarse:
            self._timer = loop.call_later(min(left - self.coarse, self.look), self._turn)
        else:
            self._soon = now
            self._timer = loop.call_soon(self._turn)

    def _turn(self) -> None:
        """[control] One iteration: wakes due tasks, ordered by beat and then by request."""
        self._timer = None
        line, now = self._line(), self._now()
        if self._before is not None and abs(line.beat_at(now) - self._before.beat_at(now)) > LEAP:
            for waiting in self._waiting:
                waiting.aim(line.beat_at(now + waiting.ahead))
        self._before = line
        times = [(line.time_of(w.beat) - w.ahead, i, w) for i, w in enumerate(self._waiting)]
        first = min(times, default=(math.inf,))[0]
        turn, self._soon = now - self._soon if self._soon else 0, 0
        if first <= now + min(turn, HOLD):
            while now + self.slack < first:
                now = self._now()
        due = sorted(entry for entry in times if entry[0] <= now + self.slack)
        for _, _, waiting in due:
            self._waiting.remove(waiting)
            if not waiting.future.done():
                waiting.future.set_result(waiting.beat)
        if due and not self._waiting:
            Switching.leave()
            self._before = None
        self._tell()
        self._arm()

    def _changed(self) -> None:
        """Must be called after this object has changed the timeline."""
        if self._loop is not None and not self._loop.is_closed():
            self._turn() if self._loop is _running() else self._loop.call_soon_threadsafe(self._turn)

    def _tell(self) -> None:
        """Calls the callbacks for everything that has changed."""
        for name, hooks in self._hooks.items():
            if hooks.calls:
                value = self._value(name)
                if value != hooks.value:
                    hooks.value = value
                    for call in hooks.calls:
                        assert self._loop is not None
                        self._loop.call_soon(call, value)

    def _value(self, name: str) -> Any:
        return self.playing if name == "start_stop" else getattr(self, name)

    def _hook(self, name: str, call: Callable[[Any], object] | None, *, alone: bool = False) -> None:
        self._bind()
        hooks = self._hooks[name]
        hooks.value = self._value(name)
        hooks.calls = [*([] if alone else hooks.calls), *([call] if call else [])]
        self._arm()

    def set_tempo_callback(self, call: Callable[[float], object] | None) -> None:
        """Sets the only callback for tempo changes; None removes all."""
        self._hook("tempo", call, alone=True)

    def add_tempo_callback(self, call: Callable[[float], object]) -> None:
        """Adds a callback for tempo changes."""
        self._hook("tempo", call)

    def remove_tempo_callback(self, call: Callable[[float], object]) -> None:
        """Removes the callback."""
        self._hooks["tempo"].calls.remove(call)

    def set_num_peers_callback(self, call: Callable[[int], object] | None) -> None:
        """Sets the only callback for changes of the peer count; None removes all."""
        self._hook("num_peers", call, alone=True)

    def add_num_peers_callback(self, call: Callable[[int], object]) -> None:
        """Adds a callback for changes of the peer count."""
        self._hook("num_peers", call)

    def remove_num_peers_callback(self, call: Callable[[int], object]) -> None:
        """Removes the callback."""
        self._hooks["num_peers"].calls.remove(call)

    def set_start_stop_callback(self, call: Callable[[bool], object] | None) -> None:
        """Sets the only callback for transport starts and stops; None removes all."""
        self._hook("start_stop", call, alone=True)

    def add_start_stop_callback(self, call: Callable[[bool], object]) -> None:
        """Adds a callback for transport starts and stops."""
        self._hook("start_stop", call)

    def remove_start_stop_callback(self, call: Callable[[bool], object]) -> None:
        """Removes the callback."""
        self._hooks["start_stop"].calls.remove(call)
