"""`Engine`: a plan, the rings to it, and the driver that runs it. Devices drive an engine."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph import driver, guard, native
from graph.arithmetic import MultiplyAdd, Spread
from graph.cache import Report, addresses, function_unit, node_unit
from graph.errors import GraphError, did_you_mean
from graph.events import EVENTS_BYTES, TIMED_EVENT
from graph.memory import Arena
from graph.meters import Meter, Meters
from graph.model import DEFAULT_RATE, Graph, check_block, check_rate, driven
from graph.node import Cable, Node
from graph.order import order
from graph.plan import Plan
from graph.ring import Ring
from graph.succession import succeed
from graph.tables import (
    COMMAND,
    COMMANDS,
    ENGINE,
    LINK,
    MAX_CHANNELS,
    METER,
    MIDI_EVENTS,
    MOMENT,
    PENDING,
    REQUEST,
    RESERVED,
    SUM,
)

FADE = 0.02
"""Seconds in which one graph takes over from another."""

NOW = -1
"""As a frame of `Engine.set`: at the start of the next block."""


@dataclass(frozen=True)
class Fault:
    """A node whose output was not finite."""

    node: str
    times: int
    muted: bool


class Engine:
    """[control] A graph ready to sound at a sample rate.

    rate    Hz; by default what the graph asks for, or 48,000
    block   frames of one block; by default the graph's
    """

    def __init__(
        self, graph: Graph, *, rate: float | None = None, block: int | None = None, report: Report | None = None
    ) -> None:
        self.graph = graph
        self.rate = check_rate(rate if rate is not None else graph.rate or DEFAULT_RATE)
        self.block = check_block(block if block is not None else graph.block)
        units = [function_unit(function) for function in (driver.render, guard.silence, driver.publish, driver.hand)]
        classes = _classes(graph)
        found = addresses([*units, *map(node_unit, classes)], report)  # all that is missing at once, in parallel
        self.driver, silence, publish, self._hand = found[: len(units)]
        arena = Arena()
        head, peaks = arena.reserve(ENGINE.itemsize), arena.reserve(2 * METER.itemsize * MAX_CHANNELS)
        sums = arena.reserve(SUM.itemsize * MAX_CHANNELS)
        arriving, leaving = arena.reserve(EVENTS_BYTES), arena.reserve(EVENTS_BYTES)
        moment, link = arena.reserve(MOMENT.itemsize), arena.reserve(LINK.itemsize)
        mixed = arena.reserve(4 * self.block * MAX_CHANNELS)
        request, order_at = arena.reserve(REQUEST.itemsize), arena.reserve(16)
        arena.allocate()
        self._arena = arena
        self._last_event = 0
        self.device: str | None = None
        self._lock = threading.Lock()
        self._request = arena.array(request, 1, REQUEST)
        self._order = arena.array(order_at, 2, np.int64)
        self._commands = Ring(COMMANDS, COMMAND, publish)
        self._midi = Ring(MIDI_EVENTS, TIMED_EVENT, publish)
        self.direct = Ring(MIDI_EVENTS, TIMED_EVENT, publish)
        self.heard = Ring(MIDI_EVENTS, TIMED_EVENT, publish)
        self.outgoing = Ring(MIDI_EVENTS, TIMED_EVENT, publish)
        self._link_at = arena.base + link
        self._sources = {
            "midi": arena.base + arriving,
            "midi_out": arena.base + leaving,
            "moment": arena.base + moment,
            "link": self._link_at,
        }
        kernels = dict(zip(classes, found[len(units) :], strict=True))
        self.plan = Plan(graph, self.rate, self.block, kernels, self._sources)
        self._retired: list[Plan] = []
        self._generation = 0
        record = arena.array(head, 1, ENGINE)[0]
        record["frames"], record["plan"], record["silence"] = self.block, self.plan.address, silence
        record["commands"], record["midi"] = self._commands.address, self._midi.address
        record["direct"], record["heard"] = self.direct.address, self.heard.address
        record["outgoing"], record["leaving"] = self.outgoing.address, arena.base + leaving
        record["arriving"], record["meters"] = arena.base + arriving, arena.base + peaks
        record["sums"], record["mixed"] = arena.base + sums, arena.base + mixed
        record["moment"], record["link"] = arena.base + moment, self._link_at
        record["fade"] = max(1, round(FADE * self.rate))
        self._record = record
        self.moment = arena.array(moment, 1, MOMENT)[0]
        self.address = arena.base + head
        self.channels = self.plan.output.lanes
        record["channels"] = self.channels
        heard = arena.array(peaks, (2, MAX_CHANNELS), METER)[:, : self.channels]
        self._meters = Meters(record, heard, arena.array(sums, MAX_CHANNELS, SUM)[: self.channels])
        self._run = _callable(self.driver)

    @property
    def now(self) -> int:
        """Frames that have been computed."""
        return int(self._record["now"])

    def render(self, frames: int) -> NDArray[np.float32]:
        """Computes the next `frames` frames: float32 (frames, channels). The GIL is released."""
        out = np.empty((frames, self.channels), np.float32)
        self.render_into(out)
        return out

    def render_into(self, out: NDArray[np.float32]) -> None:
        """Computes the next `len(out)` frames into `out`: float32, C-contiguous, (frames, channels)."""
        fits = out.dtype == np.float32 and out.ndim == 2 and out.shape[1] == self.channels
        if not (fits and out.flags.c_contiguous and out.flags.writeable):
            raise GraphError(f"render_into wants writeable contiguous float32 (frames, {self.channels})")
        if self.device is not None:
            raise GraphError(f"{self.device} drives this engine: stop it before you render")
        request = self._request[0]
        request["engine"], request["out"], request["frames"] = self.address, out.ctypes.data, len(out)
        self._run(self._request.ctypes.data)

    def swap(self, graph: Graph, report: Report | None = None) -> None:
        """Has another graph take over at the next block; the sound fades over in 20 ms.

        Nodes that keep name and class keep their state, so held notes go on. Numbers that were set
        by hand stay, unless the new graph gives another number there. GraphError if the graph cannot
        sound, or has another number of channels: then nothing changes.
        """
        classes = _classes(graph)
        kernels = dict(zip(classes, addresses([node_unit(cls) for cls in classes], report), strict=True))
        plan = Plan(graph, self.rate, self.block, kernels, self._sources)
        if plan.output.lanes != self.channels:
            raise GraphError(
                f"out has {plan.output.lanes} channels now, and {self.channels} are playing: stop and start again"
            )
        with self._lock:
            if self.swapping:
                raise GraphError("the graph before is still being faded in: let the engine run 20 ms")
            self._retired = [self.plan]  # those before it are done
            succeed(plan, self.plan)
            self._give("incoming", plan.address)
            self.graph, self.plan = graph, plan
            self._generation += 1

    @property
    def swapping(self) -> bool:
        """Whether a swap is under way."""
        return bool(self._record["incoming"] or self._record["retiring"])

    def listen(self, ring: int) -> None:
        """Takes events with host times from a ring (TIMED_EVENT) at this address; 0 ends it."""
        self._give("host_midi", ring)

    def speak(self, ring: int) -> None:
        """Hands the events that leave to a ring at this address, with host times; 0: to `outgoing`, with frames."""
        self._record["by_host_time"] = 1 if ring else 0
        self._give("outgoing", ring or self.outgoing.address)

    def join(self, session: int) -> None:
        """Follows the LINK record at this address, which another process keeps; 0 ends it."""
        self._give("session", session)

    def _give(self, field: str, value: int) -> None:
        """Writes a field that the audio thread waits for, after all that was written before."""
        self._order[:] = self.address + int(ENGINE.fields[field][1]), value  # type: ignore[index]
        _callable(self._hand)(self._order.ctypes.data)

    def set(self, path: str, value: float, frame: int = NOW) -> None:
        """From frame `frame` on, the input `NODE.PORT` glides to `value` (5 ms unless it says otherwise)."""
        with self._lock:
            self._set(path, value, frame)

    def _set(self, path: str, value: float, frame: int) -> None:
        index = self.plan.index.get(path)
        if index is None:
            node, port = self.graph.find(path)
            source = node.inputs.get(port.name)
            if isinstance(source, Cable):
                raise GraphError(driven(path, self.graph.where(source)))
            raise GraphError(f"{path} is not heard: nothing leads from {self.graph.names[node]} to the output")
        port = self.plan.params[path].port
        if not port.allows(float(value)):
            raise GraphError(f"{path}: {value:g} is outside {port.range_text()}")
        if frame >= 0 and self._commands.used + self.plan.pending >= PENDING - RESERVED:
            raise GraphError(f"{PENDING - RESERVED} changes wait for their frame already")
        item = np.zeros(1, COMMAND)
        item["time"], item["param"], item["value"], item["generation"] = frame, index, value, self._generation
        if self._commands.push(item) != 1:
            raise GraphError("the engine takes no more changes: it is not running, or they come too fast")

    def send(self, events: NDArray[Any]) -> int:
        """Hands over events with their absolute frames (`TIMED_EVENT`, in order); returns how many fitted."""
        if len(events) and (events["time"][0] < self._last_event or (np.diff(events["time"]) < 0).any()):
            raise GraphError("events must be sent in the order of their frames")
        count = self._midi.push(events)
        if count:
            self._last_event = int(events["time"][count - 1])
        return count

    def keep_time(self, output: float, arrival: float) -> None:
        """A device begins to drive: `output` seconds from callback to sound, `arrival` frames from event to note."""
        self.moment["period"] = 0.0  # the driver's loop begins anew
        self.moment["output"], self.moment["arrival"] = output * 1e9, arrival

    def lose_time(self) -> None:
        """No device drives any more."""
        self.moment["period"] = 0.0

    def meters(self) -> list[Meter]:
        """Peak and RMS of every output channel since the last call."""
        return self._meters.read()

    @property
    def late_changes(self) -> int:
        """Changes that came after the frame for which they were meant; they took effect at once."""
        return int(self._record["late_commands"])

    @property
    def spoiled_blocks(self) -> int:
        """Blocks that were not finite and were played as silence."""
        return int(self._record["bad_blocks"])

    def cycles(self) -> dict[str, int]:
        """Processor cycles of each node in its latest counted block (one in 64 is)."""
        total: dict[str, int] = {}
        for step, detail in zip(self.plan.steps, self.plan.details, strict=True):
            total[step.name] = total.get(step.name, 0) + int(detail["cycles"])
        return total

    def faults(self) -> list[Fault]:
        """Nodes that wrote something that is not finite, and whether they are muted for it."""
        return [
            Fault(step.name, int(detail["trips"]), bool(detail["muted"]))
            for step, detail in zip(self.plan.steps, self.plan.details, strict=True)
            if detail["trips"]
        ]

    def dropped(self) -> dict[str, int]:
        """Events that found their cable full (256 in one block), by the node that gave them."""
        return {name: dropped for name, (dropped, _) in self.plan.event_counts().items() if dropped}

    def notes(self) -> int:
        """Notes that the graph's sources have given: the nodes that give events and take none."""
        takers = {
            step.name for step in self.plan.steps if any(port.kind == "events" for port in step.node.ins().values())
        }
        return sum(notes for name, (_, notes) in self.plan.event_counts().items() if name not in takers)

    def state(self, node: str, name: str) -> NDArray[Any]:
        """A node's State as the kernel sees it; for tests and displays."""
        for step in self.plan.steps:
            if step.name == node and name in step.states:
                return step.states[name]
        raise GraphError(f"there is no state {node}.{name}.{did_you_mean(node, [s.name for s in self.plan.steps])}")


def _classes(graph: Graph) -> list[type[Node]]:
    """The classes whose kernels a graph needs."""
    return list(dict.fromkeys([*(type(node) for node in order(graph)), Spread, MultiplyAdd]))


def _callable(address: int) -> Callable[[int], None]:
    if native.PLAIN:
        return np.errstate(all="ignore")(native.plain_functions[address])
    function: Callable[[int], None] = ctypes.CFUNCTYPE(None, ctypes.c_int64)(address)
    return function
