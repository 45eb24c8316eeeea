"""`Engine`: a plan, the rings to it, and the driver that runs it. Devices drive an engine."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph import driver, guard, native
from graph.arithmetic import Spread
from graph.cache import Report, addresses, function_unit, node_unit
from graph.errors import GraphError, did_you_mean
from graph.events import EVENTS_BYTES, TIMED_EVENT
from graph.memory import Arena
from graph.model import DEFAULT_RATE, Graph, check_block, check_rate, driven
from graph.node import Cable
from graph.order import order
from graph.plan import Plan
from graph.ring import Ring
from graph.tables import (
    COMMAND,
    COMMANDS,
    ENGINE,
    MAX_CHANNELS,
    METER,
    MIDI_EVENTS,
    REQUEST,
    SET,
)

NOW = -1
"""As a frame of `Engine.set`: at the start of the next block."""


@dataclass(frozen=True)
class Meter:
    """Level of one output channel since it was last read: linear, full scale is 1."""

    peak: float
    rms: float


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
        units = [function_unit(driver.render), function_unit(guard.silence), function_unit(driver.publish)]
        nodes = [node_unit(cls) for cls in dict.fromkeys([*(type(node) for node in order(graph)), Spread])]
        addresses([*units, *nodes], report)  # all that is missing at once, in parallel
        self.driver, silence, publish = addresses(units)
        arena = Arena()
        head, meters = arena.reserve(ENGINE.itemsize), arena.reserve(METER.itemsize * MAX_CHANNELS)
        arriving, request = arena.reserve(EVENTS_BYTES), arena.reserve(REQUEST.itemsize)
        arena.allocate()
        self._arena = arena
        self._meters = arena.array(meters, MAX_CHANNELS, METER)
        self._request = arena.array(request, 1, REQUEST)
        self._commands = Ring(COMMANDS, COMMAND)
        self._midi = Ring(MIDI_EVENTS, TIMED_EVENT)
        for ring in (self._commands, self._midi):
            ring.connect(None if native.PLAIN else publish)
        self.plan = Plan(graph, self.rate, self.block, {"midi": arena.base + arriving}, report)
        record = arena.array(head, 1, ENGINE)[0]
        record["frames"], record["plan"], record["silence"] = self.block, self.plan.address, silence
        record["commands"], record["midi"] = self._commands.address, self._midi.address
        record["arriving"], record["meters"] = arena.base + arriving, arena.base + meters
        self._record = record
        self.address = arena.base + head
        self.channels = self.plan.output.lanes
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
        if out.dtype != np.float32 or out.shape[1:] != (self.channels,) or not out.flags.c_contiguous:
            raise GraphError(f"render_into wants contiguous float32 (frames, {self.channels})")
        request = self._request[0]
        request["engine"], request["out"], request["frames"] = self.address, out.ctypes.data, len(out)
        self._run(self._request.ctypes.data)

    def set(self, path: str, value: float, frame: int = NOW) -> None:
        """From frame `frame` on, the input `NODE.PORT` glides to `value` (5 ms unless it says otherwise)."""
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
        item = np.zeros(1, COMMAND)
        item["time"], item["param"], item["kind"], item["value"] = frame, index, SET, value
        self._commands.push_one(item)

    def send(self, events: NDArray[Any]) -> int:
        """Hands over events with their absolute frames (`TIMED_EVENT`, in order); returns how many fitted."""
        return self._midi.push(events)

    def meters(self) -> list[Meter]:
        """Peak and RMS of every output channel since the last call."""
        rows = self._meters[: self.channels].copy()
        last = getattr(self, "_last_meters", np.zeros(self.channels, METER))
        self._last_meters = rows
        self._record["meter_epoch"] += 1
        frames = np.maximum(rows["frames"] - last["frames"], 1)
        power = np.maximum(rows["squares"] - last["squares"], 0.0) / frames
        return [Meter(float(peak), float(rms)) for peak, rms in zip(rows["peak"], np.sqrt(power), strict=True)]

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

    def state(self, node: str, name: str) -> NDArray[Any]:
        """A node's State as the kernel sees it; for tests and displays."""
        for step in self.plan.steps:
            if step.name == node and name in step.states:
                return step.states[name]
        raise GraphError(f"there is no state {node}.{name}.{did_you_mean(node, [s.name for s in self.plan.steps])}")


def _callable(address: int) -> Callable[[int], None]:
    if native.PLAIN:
        return np.errstate(all="ignore")(native.plain_functions[address])
    function: Callable[[int], None] = ctypes.CFUNCTYPE(None, ctypes.c_int64)(address)
    return function
