"""Beats from Python: tasks of asyncio that wait for the beats of a clock.

    clock = LinkClock(120)
    await clock.sync(1 / 2)            # 0.5, 1, 1.5, ...
    await clock.sync(1, offset=0.25)   # what swings comes late

There is no thread. A timer of the event loop wakes two milliseconds early, since its own are no finer,
and the rest of the way is gone in turns of the loop, so that other tasks run on. Where other Python
threads are busy, the loop gets its turn within a switch interval, 5 ms; so while somebody waits for a beat
the interval is shortened (`graph.clocks.switching`), and put back when nobody does.
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
"""Seconds by which a timer of the event loop may be late."""
HOLD = 1_000_000
"""Nanoseconds at most before a beat for which the loop is held: where a turn of it takes longer than that is away."""
LOOK = 0.01
"""Seconds between two looks at a timeline that others may change."""
LEAP = 0.1
"""Beats between where a timeline is and where it would be, from which on it has jumped."""


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
    """[control] A clock that tasks of one event loop wait for: `LinkClock`, `InternalClock`, `NodeClock`.

    quantum   beats in a bar: what `phase` counts in

    Callbacks are called on the event loop, in which they were registered, with the new value; what they
    raise goes to the loop's exception handler.
    """

    def __init__(self) -> None:
        self._quantum = 1.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.Handle | None = None
        self._soon = 0  # host time at which the loop was asked for its next turn
        self._before: Line | None = None
        self._hooks = {"tempo": _Hooks(), "num_peers": _Hooks(), "start_stop": _Hooks()}

    coarse, look, slack = COARSE, LOOK, 0.0
    """Seconds by which a timer may be late, seconds between two looks, and nanoseconds that are none."""

    def _now(self) -> int:
        """The host's time in nanoseconds; an offline piece has its own."""
        return host_ns()

    @abstractmethod
    def _line(self) -> Line:
        """The timeline as it is now."""

    @property
    @abstractmethod
    def tempo(self) -> float:
        """Beats a minute."""

    @property
    @abstractmethod
    def playing(self) -> bool:
        """Whether the transport runs; beats go on where it does not, unless the clock stands still."""

    @property
    def num_peers(self) -> int:
        """How many others share the session."""
        return 0

    @property
    def peers(self) -> int:
        """The same in a word."""
        return self.num_peers

    @property
    def quantum(self) -> float:
        """Beats in a bar."""
        return self._quantum

    @quantum.setter
    def quantum(self, value: float) -> None:
        self._quantum = positive("quantum", value)
        self._changed()

    @property
    def beat(self) -> float:
        """The beat now."""
        return self._line().beat_at(self._now())

    @property
    def phase(self) -> float:
        """The beat within its bar, 0 .. quantum."""
        return self.beat % self._quantum

    @property
    def time(self) -> timedelta:
        """The host's time, which Link counts in microseconds."""
        return timedelta(microseconds=self._now() // 1_000)

    def host_time(self, beat: float) -> int:
        """The host time in nanoseconds at which `beat` is heard, as things are now: to send MIDI ahead with."""
        time = self._line().time_of(beat)
        if not math.isfinite(time):
            raise ValueError("the clock stands still: no time will be that of a beat")
        return round(time)

    def sync(
        self, beat: SupportsFloat, offset: SupportsFloat = 0, origin: SupportsFloat = 0, *, ahead: float = 0.0
    ) -> asyncio.Future[float]:
        """A future that is done at the next multiple of `beat`; its value is that exact beat.

        `sync(2)` at 11.5 is done at 12; `offset` moves it, `origin` is where multiples are counted from.
        ahead   seconds to wake earlier, with time left to send what `host_time` of the beat is stamped on
        """
        every = float(beat)
        if not (every > 0 and math.isfinite(every)):
            raise ValueError(f"invalid beat value {every:g}: it must be above 0")
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
        """A task that was cancelled waits no more."""
        if future.cancelled():
            self._waiting = [waiting for waiting in self._waiting if waiting.future is not future]
            if not self._waiting:
                Switching.leave()

    def _bind(self) -> asyncio.AbstractEventLoop:
        """The loop that runs; a clock serves one at a time."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed():
                raise RuntimeError("this clock serves another event loop")
            self._loop, self._timer = loop, None
            if self._waiting:
                Switching.leave()
            self._waiting.clear()
        return loop

    def _arm(self) -> None:
        """Has the loop come back when something is due, or may have changed."""
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
        """[control] One look: wakes whoever is due, in the order of the beats and then of asking."""
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
        """To be called after the timeline was changed from here."""
        if self._loop is not None and not self._loop.is_closed():
            self._turn() if self._loop is _running() else self._loop.call_soon_threadsafe(self._turn)

    def _tell(self) -> None:
        """Calls those who want to know what has changed."""
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
        """Calls this alone when the tempo changes; None for nobody."""
        self._hook("tempo", call, alone=True)

    def add_tempo_callback(self, call: Callable[[float], object]) -> None:
        """Calls this too when the tempo changes."""
        self._hook("tempo", call)

    def remove_tempo_callback(self, call: Callable[[float], object]) -> None:
        """No longer calls this."""
        self._hooks["tempo"].calls.remove(call)

    def set_num_peers_callback(self, call: Callable[[int], object] | None) -> None:
        """Calls this alone when others come or go; None for nobody."""
        self._hook("num_peers", call, alone=True)

    def add_num_peers_callback(self, call: Callable[[int], object]) -> None:
        """Calls this too when others come or go."""
        self._hook("num_peers", call)

    def remove_num_peers_callback(self, call: Callable[[int], object]) -> None:
        """No longer calls this."""
        self._hooks["num_peers"].calls.remove(call)

    def set_start_stop_callback(self, call: Callable[[bool], object] | None) -> None:
        """Calls this alone when the transport starts or stops; None for nobody."""
        self._hook("start_stop", call, alone=True)

    def add_start_stop_callback(self, call: Callable[[bool], object]) -> None:
        """Calls this too when the transport starts or stops."""
        self._hook("start_stop", call)

    def remove_start_stop_callback(self, call: Callable[[bool], object]) -> None:
        """No longer calls this."""
        self._hooks["start_stop"].calls.remove(call)
