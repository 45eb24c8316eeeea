"""`Engine`: a plan, the rings to it, and the driver that runs it. Devices drive an engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.audio_thread import driver, guard
from graph.audio_thread.arrivals import frame_of
from graph.engine.faults import Fault, faults
from graph.engine.shared import Shared
from graph.errors import GraphError, Renamed, did_you_mean
from graph.memory.meters import Meter, Meters
from graph.memory.moment import steady
from graph.memory.ring import hand, publish
from graph.memory.tables import COMMAND, ENGINE, PENDING, RESERVED
from graph.model.net import DEFAULT_RATE, Net, check_block, check_rate, driven
from graph.model.order import order
from graph.native.cache import Report, addresses, callable_at, function_unit, node_unit
from graph.node.arithmetic import MultiplyAdd, Spread
from graph.node.node import Cable, Node
from graph.node.taps import EventTap, SignalTap
from graph.plan.plan import Plan
from graph.plan.succession import succeed

FADE = 0.02
"""Crossfade time of a graph swap in seconds."""

NOW = -1
"""Value of `frame` in `Engine.set` for the start of the next block."""


class Engine(Renamed):
    """[control] A graph compiled and prepared for one sample rate.

    Any thread may call any method except `render` and `render_into`, which need one thread and no device.
    `plan` is replaced atomically, so a single read sees one graph. The lock is held to send a change or to
    install a plan; only a ring's lock is taken under it.

    rate    Hz; by default the graph's preferred rate, or 48,000
    block   frames per block; by default the graph's
    channels   output channels for a mono graph; by default one
    """

    renamed = {
        "listen": "set_midi_input",
        "speak": "set_midi_output",
        "join": "set_link_session",
        "hear_anew": "reset_input",
        "keep_time": "set_latency",
        "lose_time": "clear_latency",
        "spoiled_blocks": "nonfinite_blocks",
    }

    def __init__(
        self,
        graph: Net,
        *,
        rate: float | str | None = None,
        block: int | None = None,
        channels: int = 1,
        report: Report | None = None,
    ) -> None:
        self.rate = check_rate(rate if rate is not None else graph.rate or DEFAULT_RATE)
        self.block = check_block(block if block is not None else graph.block)
        units = [function_unit(function) for function in (driver.render, guard.silence, publish, hand)]
        classes = _classes(graph)
        found = addresses([*units, *map(node_unit, classes)], report)  # compile all missing kernels in parallel
        self.driver, silence, published, self._hand = found[: len(units)]
        self.shared = Shared(self.block, published)
        kernels = dict(zip(classes, found[len(units) :], strict=True))
        self.plan = Plan(graph, self.rate, self.block, kernels, self.shared.sources, channels)
        self.channels = self.plan.output.lanes
        self._retired: list[Plan] = []
        self.taps: dict[str, int] = {}
        """Outputs that plans of `prepare` hand to Python, `NODE` or `NODE.OUTPUT`, with the number of each."""
        self._generation = 0
        self.device: str | None = None
        self._lock = threading.Lock()
        record = self.shared.record
        record["plan"], record["silence"] = self.plan.address, silence
        record["channels"], record["fade"] = self.channels, max(1, round(FADE * self.rate))
        self._record = record
        self.address, self.moment = self.shared.address, self.shared.moment
        self.heard, self.direct, self.outgoing = self.shared.heard, self.shared.direct, self.shared.outgoing
        self._meters = Meters(record, self.shared.peaks[:, : self.channels], self.shared.sums[: self.channels])
        self._run = callable_at(self.driver)

    @property
    def graph(self) -> Net:
        """The current graph."""
        return self.plan.graph

    @property
    def now(self) -> int:
        """Number of frames computed so far."""
        return int(self._record["now"])

    def render(self, frames: int, audio: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Computes the next `frames` frames: float32 (frames, channels). The GIL is released.

        `audio` is the graph's audio input for that time: float32 (frames, inputs), or more frames if later input
        is known. Requests of whole blocks have no input latency; others delay the input by one block.
        """
        out = np.empty((frames, self.channels), np.float32)
        self.render_into(out, audio)
        return out

    def render_into(self, out: NDArray[np.float32], audio: NDArray[np.float32] | None = None) -> None:
        """Computes the next `len(out)` frames into `out`: float32, C-contiguous, (frames, channels)."""
        fits = out.dtype == np.float32 and out.ndim == 2 and out.shape[1] == self.channels
        if not (fits and out.flags.c_contiguous and out.flags.writeable):
            raise GraphError(f"render_into needs a writeable, C-contiguous float32 array (frames, {self.channels})")
        if self.device is not None:
            raise GraphError(f"{self.device} drives this engine: stop it before rendering")
        request = self.shared.request[0]
        request["engine"], request["out"], request["frames"] = self.address, out.ctypes.data, len(out)
        request["input"] = 0
        if audio is not None:
            audio = np.ascontiguousarray(audio, np.float32)
            if audio.ndim != 2 or len(audio) < len(out):
                raise GraphError(
                    f"audio must be float32 (frames, inputs) with at least {len(out)} frames, not {audio.shape}"
                )
            request["input"], request["input_frames"], request["inputs"] = audio.ctypes.data, *audio.shape
        self._run(self.shared.request.ctypes.data)

    def value(self, path: str) -> float:
        """The current value of the input `NODE.PORT`, while it ramps to its target."""
        plan = self.plan
        index = _index(plan, path, lambda path, by: f"{path} is driven by {by} and has no value to read")
        return float(plan.table["value"][index])

    def voices(self) -> dict[str, tuple[int, int]]:
        """Open voices in the latest block and total voices, for each node with a `gate` output."""
        found = {}
        plan = self.plan
        for step in plan.steps:
            gate = step.outs.get("gate")
            if gate is not None and step.node.outs()["gate"].persistent:
                rows = plan.arena.array(gate.address - plan.arena.base, (self.block, gate.lanes), np.float32)
                found[step.name] = int(np.count_nonzero(rows[-1] > 0.0)), gate.lanes
        return found

    def swap(self, graph: Net, report: Report | None = None) -> None:
        """Switches to another graph at the next block with a 20 ms crossfade.

        Nodes with the same name and class keep their state, so held notes continue. Values set
        by hand stay, unless the new graph changes them. GraphError if the graph cannot
        run, or has a different number of channels; then nothing changes.
        """
        self.install(self.prepare(graph, report))

    def prepare(self, graph: Net, report: Report | None = None) -> Plan:
        """Compiles a graph and prepares its nodes, which may take seconds; the current graph keeps playing.

        GraphError if the graph cannot run, or has a different number of channels.
        """
        taps = dict(self.taps)
        classes = [*_classes(graph), *((EventTap, SignalTap) if taps else ())]
        kernels = dict(zip(classes, addresses([node_unit(cls) for cls in classes], report), strict=True))
        plan = Plan(graph, self.rate, self.block, kernels, self.shared.sources, self.channels, taps)
        if plan.output.lanes != self.channels:
            raise GraphError(
                f"out now has {plan.output.lanes} channels, but {self.channels} are playing: stop and restart"
            )
        return plan

    def install(self, plan: Plan) -> None:
        """Switches to a plan of `prepare` at the next block; GraphError during an earlier swap."""
        with self._lock:
            if self.swapping:
                raise GraphError("the previous swap is still crossfading: wait 20 ms")
            self._retired = [self.plan]  # earlier plans are finished
            succeed(plan, self.plan)
            self._give("incoming", plan.address)
            self.plan = plan
            self._generation += 1

    @property
    def swapping(self) -> bool:
        """Whether a swap is in progress."""
        return bool(self._record["incoming"] or self._record["retiring"])

    def reset_input(self) -> None:
        """Clears the input of the device before this one, and its delay."""
        self._record["inputs"] = 0

    def set_midi_input(self, ring: int) -> None:
        """Reads events with host times from the ring (TIMED_EVENT) at this address; 0 disconnects it."""
        self._give("host_midi", ring)

    def set_midi_output(self, ring: int) -> None:
        """Writes sent events to the ring at this address, with host times; 0: to `outgoing`, with frames."""
        self._record["by_host_time"] = 1 if ring else 0
        self._give("outgoing", ring or self.outgoing.address)

    def record(self, tape: int) -> None:
        """Copies all output to the TAPE record at this address; 0 stops it."""
        self._give("tape", tape)

    def set_link_session(self, session: int) -> None:
        """Follows the LINK record at this address, written by another process; 0 stops it."""
        self._give("session", session)

    def _give(self, field: str, value: int) -> None:
        """Writes a field that the audio thread polls, with release order; callable from any thread."""
        order = np.array([self.address + int(ENGINE.fields[field][1]), value], np.int64)  # type: ignore[index]
        callable_at(self._hand)(order.ctypes.data)

    def set(self, path: str, value: float, frame: int = NOW) -> None:
        """Sets the input `NODE.PORT` to `value` from frame `frame` on, with the port's ramp (5 ms by default)."""
        with self._lock:
            self._set(path, value, frame)

    def _set(self, path: str, value: float, frame: int) -> None:
        index = _index(self.plan, path, driven)
        port = self.plan.params[path].port
        if not port.allows(float(value)):
            raise GraphError(f"{path}: {value:g} is outside {port.range_text()}")
        if frame >= 0 and self.shared.commands.used + self.plan.pending >= PENDING - RESERVED:
            raise GraphError(
                f"{PENDING - RESERVED} scheduled changes are pending, the limit: wait for some to take effect"
            )
        item = np.zeros(1, COMMAND)
        item["time"], item["param"], item["value"], item["generation"] = frame, index, value, self._generation
        if self.shared.commands.push(item) != 1:
            raise GraphError("the engine's command queue is full: start the engine, or send changes more slowly")

    def send(self, events: NDArray[Any]) -> int:
        """Queues events with their absolute frames (`TIMED_EVENT`); returns how many fit.

        They may be in any order; events in the past are played immediately.
        """
        return self.shared.midi.push(events)

    def frame_at(self, time: int) -> int:
        """The frame at which an event that arrives at host time `time` (nanoseconds) is played."""
        moment = steady(self.moment)
        return int(frame_of(moment, time)) if moment.period > 0.0 else self.now

    @property
    def level(self) -> float:
        """Output gain: 1, or 0 while muted. Changes ramp over 5 ms."""
        return float(self._record["level_goal"])

    @level.setter
    def level(self, value: float) -> None:
        self._record["level_goal"] = value

    @property
    def late_events(self) -> int:
        """Number of events that arrived after their frame."""
        return int(self._record["late_events"])

    def set_latency(self, output: float, arrival: float) -> None:
        """Sets `output`, seconds from callback to sound, and `arrival`, frames from event to note; at any time."""
        self.moment["output"], self.moment["arrival"] = output * 1e9, arrival

    def clear_latency(self) -> None:
        """Says that no device drives the engine, so that host times have no frames."""
        self.moment["period"] = 0.0

    def meters(self, reader: str = "") -> list[Meter]:
        """Peak and RMS of every output channel since this reader's last call."""
        return self._meters.read(reader)

    @property
    def late_changes(self) -> int:
        """Number of changes that arrived after their frame and took effect immediately."""
        return int(self._record["late_commands"])

    @property
    def nonfinite_blocks(self) -> int:
        """Blocks with values that were not finite; they were played as silence."""
        return int(self._record["bad_blocks"])

    def cycles(self) -> dict[str, int]:
        """CPU cycles of each node in its latest measured block (1 in 64)."""
        total: dict[str, int] = {}
        plan = self.plan
        for step, detail in zip(plan.steps, plan.details, strict=True):
            total[step.name] = total.get(step.name, 0) + int(detail["cycles"])
        return total

    def faults(self) -> list[Fault]:
        """Nodes whose output was non-finite or exceeded the limit; see `Fault`."""
        return faults(self.plan)

    def dropped(self) -> dict[str, int]:
        """Events dropped from a full cable (256 per block), by source node."""
        return {name: dropped for name, (dropped, _) in self.plan.event_counts().items() if dropped}

    def notes(self) -> int:
        """Number of notes from the graph's event sources, the nodes with event outputs and no events cable."""
        plan = self.plan
        ports = {step.name: (step.node, step.node.ins().items()) for step in plan.steps}
        takers = {n for n, (node, ins) in ports.items() if any(p.kind == "events" and k in node.inputs for k, p in ins)}
        return sum(notes for name, (_, notes) in plan.event_counts().items() if name not in takers)

    def state(self, node: str, name: str) -> NDArray[Any]:
        """A node's State as the kernel sees it; for tests and displays."""
        for step in self.plan.steps:
            if step.name == node and name in step.states:
                return step.states[name]
        raise GraphError(f"there is no state {node}.{name}.{did_you_mean(node, [s.name for s in self.plan.steps])}")


def _index(plan: Plan, path: str, driven_by: Callable[[str, str], str]) -> int:
    """Index of the parameter at the input `NODE.PORT`; GraphError from `driven_by` if a cable drives it."""
    index = plan.index.get(path)
    if index is None:
        node, port = plan.graph.find(path)
        source = node.inputs.get(port.name)
        if isinstance(source, Cable):
            raise GraphError(driven_by(path, plan.graph.where(source)))
        raise GraphError(f"{path} cannot be set: {plan.graph.names[node]} is not connected to the output")
    return index


def _classes(graph: Net) -> list[type[Node]]:
    """The node classes whose kernels a graph needs."""
    return list(dict.fromkeys([*(type(node) for node in order(graph)), Spread, MultiplyAdd]))
