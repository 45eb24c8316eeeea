"""Turns a graph into a plan: one step per node, buffers shared by liveness, everything in one arena.

A plan is data. Building it compiles nothing; it writes the tables that the driver executes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph.errors import GraphError
from graph.memory.arena import Arena
from graph.memory.events import EVENTS_BYTES, clock_bytes
from graph.memory.tables import COMMAND, MAX_CHANNELS, PARAM, PENDING, PLAN, STEP
from graph.model.net import Net
from graph.model.order import at_once, order, resolve
from graph.model.widths import Width, input_width, out_width, widths
from graph.node.arithmetic import Spread
from graph.node.node import Cable, Node, Setup
from graph.node.ports import In, Option, Out, Source, State
from graph.node.taps import EventTap, SignalTap
from graph.plan.fuse import fuse
from graph.plan.loops import wiring
from graph.plan.states import first_states
from graph.plan.steps import Buffer, Param, Step, share
from graph.plan.taps import clocks, tapped

CLOSING_SECONDS = 0.005
"""Fade time in seconds when the guard stops or restores a step."""


class Plan:
    """[control] A graph prepared for the driver.

    kernels   addresses of the compiled kernels, by node class
    sources   addresses of the engine's data for nodes, by `Source` name
    channels  output channels for a mono graph
    taps      outputs that Python listens to (`graph.plan.taps`), and the number of each; missing outputs
              are skipped
    """

    def __init__(
        self,
        graph: Net,
        rate: float,
        frames: int,
        kernels: Mapping[type[Node], int],
        sources: Mapping[str, int],
        channels: int = 1,
        taps: Mapping[str, int] | None = None,
    ) -> None:
        self.graph = graph
        self.rate = float(rate)
        self.frames = frames
        self.steps: list[Step] = []
        self.params: dict[str, Param] = {}
        self._wide: dict[tuple[Buffer, Width], Buffer] = {}
        self._carried: dict[Cable, Buffer] = {}
        self.taps: set[str] = set()
        self._build(order(graph), channels, taps or {})
        self.steps = fuse(self.steps, self.output)
        self.slots = share(self.steps, self.output)
        self._write(kernels, sources)

    def _build(self, nodes: list[Node], channels: int, taps: Mapping[str, int]) -> None:
        """Symbolic steps: which buffers each reads and writes."""
        self.widths = widths(self.graph, nodes)
        for node in nodes:
            if node.breaks_cycles:  # its output is read before it runs
                for name in node.outs():
                    self._carried[Cable(node, name)] = Buffer(self.widths.outs[Cable(node, name)], own=True)
        late = [node for node in nodes if node.breaks_cycles]
        for node in nodes[: len(nodes) - len(late)]:
            self._add(node)
        out = resolve(self.graph.out)
        self.output = self._read(out, self.graph.out.node, "out", (1, 0), None)
        self.mono = self.output.lanes == 1
        if self.mono:
            self.output = self._spread(self.output, (1, channels))
        if isinstance(out, Cable) and out.node.breaks_cycles:  # copied, because the node overwrites it
            self.output = self._copy(self.output, self.output.width)
        if self.output.lanes > MAX_CHANNELS:
            raise GraphError(f"out has {self.output.lanes} channels; the maximum is {MAX_CHANNELS}")
        for path, number in taps.items():
            self._tap(path, number, clocks(nodes))
        for node in late:
            self._add(node)

    def _tap(self, path: str, number: int, givers: list[Cable]) -> None:
        """Adds a step that passes the events of an output to Python, if the output exists."""
        try:
            cable = tapped(self.graph, path)
        except GraphError:
            return
        if cable not in self._carried:
            return
        clock = self._carried[givers[0]] if len(givers) == 1 else Buffer(own=True)
        source = self._carried[cable]
        kind = EventTap if cable.node.outs()[cable.port].kind == "events" else SignalTap
        node = kind(number=number, timed=len(givers) == 1)
        self.taps.add(path)
        step = Step(f"events of {path}", node, source.width, {"source": source, "clock": clock})
        step.states = first_states(node, Setup(step.name, self.rate, self.frames, *source.width))
        self.steps.append(step)

    def _add(self, node: Node) -> None:
        name = self.graph.names[node]
        width = self.widths.nodes[node]
        ins = {}
        for key, port in node.ins().items():
            source = at_once(resolve(node.inputs.get(key)), port)
            if port.kind != "signal":
                carried = self._carried.get(source) if isinstance(source, Cable) else None
                ins[key] = carried or Buffer(own=True)
                continue
            ins[key] = self._read(source, node, key, input_width(port, width), port)
        step = Step(name, node, width, ins)
        for key, out in node.outs().items():
            cable = Cable(node, key)
            if cable not in self._carried:
                wide = out_width(node, out, width) if out.kind == "signal" else (1, 1)
                self._carried[cable] = Buffer(wide, own=out.persistent or out.kind != "signal")
            step.outs[key] = self._carried[cable]
        self.steps.append(step)
        setup = Setup(name, self.rate, self.frames, *width, self.graph.start)
        step.states = first_states(node, setup)

    def _read(self, source: Any, node: Node, key: str, width: Width, port: In | None) -> Buffer:
        """The buffer that an input reads, expanded to the required width."""
        if isinstance(source, Cable) and source in self._carried:
            return self._spread(self._carried[source], (width[0], width[1] or self._carried[source].width[1]))
        if isinstance(source, Cable):  # another node's number
            holder, port = source.node, source.node.ins()[source.port]
            own = input_width(port, self.widths.nodes.get(holder, (1, 1)))
            buffer = self._param(f"{self.graph.names[holder]}.{source.port}", port, holder.inputs.get(source.port), own)
            return self._spread(buffer, (width[0], width[1] or own[1]))
        assert port is not None
        return self._param(f"{self.graph.names[node]}.{key}", port, source, width)

    def _param(self, path: str, port: In, value: Any, width: Width) -> Buffer:
        if path not in self.params:
            number = 0.0 if value is None else float(value)
            self.params[path] = Param(path, port, number, Buffer(width, own=True, rests=True))
        return self.params[path].buffer

    def _spread(self, buffer: Buffer, width: Width) -> Buffer:
        if buffer.width == width:
            return buffer
        assert all(has in (1, wants) for has, wants in zip(buffer.width, width, strict=True)), "a cable would narrow"
        if (buffer, width) not in self._wide:
            self._wide[buffer, width] = self._copy(buffer, width)
        return self._wide[buffer, width]

    def _copy(self, buffer: Buffer, width: Width) -> Buffer:
        made = Buffer(width)
        self.steps.append(Step("spread", Spread(), width, {"audio": buffer}, {"out": made}))
        return made

    def _write(self, kernels: Mapping[type[Node], int], sources: Mapping[str, int]) -> None:
        arena = Arena()
        head = arena.reserve(PLAN.itemsize)
        pairs = arena.reserve(16 * len(self.steps))
        contexts = [arena.reserve(8 * step.node.kernel.size) for step in self.steps]
        slots = [arena.reserve(4 * self.frames * lanes) for lanes in self.slots]
        numbers = list(self.params.values())
        owned = {param.buffer: arena.reserve(4 * self.frames * param.buffer.lanes) for param in numbers}
        for step in self.steps:
            self._reserve_own(arena, step, owned)
        state_from = arena.size
        places = []
        for step in self.steps:
            moving = {key for key, state in step.node.states().items() if not state.constant}
            places.append({key: arena.reserve(a.nbytes) for key, a in step.states.items() if key in moving})
        state_bytes = arena.size - state_from
        initial = arena.reserve(state_bytes)
        details = arena.reserve(STEP.itemsize * len(self.steps))
        known = wiring(self.graph, self.steps, self.output)
        feeds = arena.reserve(8 * sum(map(len, known.feeds)))
        delays = arena.reserve(8 * len(self.steps))
        outs = arena.reserve(24 * sum(len(step.outs) for step in self.steps))
        params = arena.reserve(PARAM.itemsize * len(numbers))
        readers = arena.reserve(8 * sum(len(step.ins) for step in self.steps))
        active = arena.reserve(8 * len(numbers))
        pending = arena.reserve(COMMAND.itemsize * PENDING)
        arena.allocate()
        self.arena = arena

        self.output.rests = False
        for step in self.steps:
            for key in step.ins:
                port = step.node.ins().get(key)
                step.ins[key].rests &= step.node.kernel.rests or (port is not None and port.rests)
            for buffer in (*step.ins.values(), *step.outs.values()):
                buffer.address = arena.base + (owned[buffer] if buffer.own else slots[buffer.slot])
        limit = 10.0 ** (self.graph.limit / 20.0)
        table = arena.array(pairs, (len(self.steps), 2), np.int64)
        self.details = arena.array(details, len(self.steps), STEP)
        out_table = arena.array(outs, (sum(len(step.outs) for step in self.steps), 3), np.int64)
        feed_table = arena.array(feeds, sum(map(len, known.feeds)), np.int64)
        row = fed = 0
        for index, step in enumerate(self.steps):
            step.context = arena.base + contexts[index]
            for key, array in step.states.items():
                if key not in places[index]:
                    step.first[key] = array
                    continue
                place = places[index][key]
                arena.array(place, array.shape, array.dtype)[...] = array
                step.first[key] = arena.array(initial + place - state_from, array.shape, array.dtype)
                step.first[key][...] = array
                step.states[key] = arena.array(place, array.shape, array.dtype)
            self._context(arena.array(contexts[index], step.node.kernel.size, np.int64), step, sources)
            table[index] = kernels[type(step.node)], step.context
            first = min(places[index].values(), default=state_from)
            last = max((place + step.states[key].nbytes for key, place in places[index].items()), default=first)
            signals = [key for key, out in step.node.outs().items() if out.kind == "signal"]
            detail = self.details[index]
            detail["outs"], detail["out_count"] = arena.base + outs + 24 * row, len(signals)
            detail["state"], detail["initial"] = arena.base + first, arena.base + initial + first - state_from
            detail["state_bytes"] = (last - first + 7) // 8 * 8
            for key in signals:
                buffer = step.outs[key]
                out_table[row] = buffer.address, self.frames * buffer.lanes, key in known.limited[index]
                row += 1
            detail["limit"], detail["gain"], detail["loop"] = limit, 1.0, known.loop[index]
            detail["heard"], detail["resets"] = known.heard[index], known.resets[index]
            detail["delays"] = step.node.breaks_cycles
            detail["feeds_from"], detail["feeds_count"] = fed, len(known.feeds[index])
            feed_table[fed : fed + len(known.feeds[index])] = known.feeds[index]
            fed += len(known.feeds[index])
        self._numbers(arena.array(params, len(numbers), PARAM), numbers, readers)
        record = arena.array(head, 1, PLAN)[0]
        record["pairs"], record["steps"] = arena.base + pairs, len(self.steps)
        record["details"], record["params"] = arena.base + details, arena.base + params
        record["active"], record["pending"] = arena.base + active, arena.base + pending
        record["output"], record["channels"] = self.output.address, self.output.lanes
        late = [index for index, step in enumerate(self.steps) if step.node.breaks_cycles]
        arena.array(delays, len(late), np.int64)[:] = late
        record["delays"], record["delay_count"] = arena.base + delays, len(late)
        record["rate"], record["feeds_total"] = self.rate, fed
        record["feeds"], record["limit"] = arena.base + feeds, limit
        record["closing"] = max(1, round(CLOSING_SECONDS * self.rate))
        self.address = arena.base + head
        self._record = record

    def inherit(self, arena: Arena, moves: int, move_count: int, heirs: int, heir_count: int) -> None:
        """Stores the tables of state inherited from another plan; see `graph.plan.succession`."""
        self._inheritance = arena
        self._record["moves"], self._record["move_count"] = moves, move_count
        self._record["heirs"], self._record["heir_count"] = heirs, heir_count

    @property
    def pending(self) -> int:
        """Commands scheduled for a later frame."""
        return int(self._record["pending_count"])

    def event_counts(self) -> dict[str, tuple[int, int]]:
        """Counts of dropped events and of notes, by source node."""
        counts: dict[str, tuple[int, int]] = {}
        for step in self.steps:
            for key, out in step.node.outs().items():
                if out.kind == "events":
                    _, dropped, notes = self.arena.array(step.outs[key].address - self.arena.base, 3, np.int64)
                    before = counts.get(step.name, (0, 0))
                    counts[step.name] = (before[0] + int(dropped), before[1] + int(notes))
        return counts

    def _reserve_own(self, arena: Arena, step: Step, owned: dict[Buffer, int]) -> None:
        """Reserves unshared memory for the cables of one step: persistent ones, events, clocks."""
        for group, ports in ((step.ins, step.node.ins()), (step.outs, step.node.outs())):
            for key, buffer in group.items():
                if not buffer.own or buffer in owned:
                    continue
                kind = ports[key].kind
                if kind == "signal":
                    owned[buffer] = arena.reserve(4 * self.frames * buffer.lanes)
                else:
                    owned[buffer] = arena.reserve(EVENTS_BYTES if kind == "events" else clock_bytes(self.frames))

    def _context(self, context: np.ndarray[Any, Any], step: Step, sources: Mapping[str, int]) -> None:
        kernel = step.node.kernel
        reals = context.view(np.float64)
        voices, channels = step.width
        context[:4] = self.frames, voices * channels, voices, channels
        reals[4] = self.rate
        for key, declared in kernel.fields.items():
            slot = kernel.slots[key]
            if isinstance(declared, Option):
                number = declared.number(step.node.options[key])
                (reals if declared.value_type is float else context)[slot] = number
            elif isinstance(declared, State):
                array = step.states[key]
                context[slot] = array.ctypes.data
                context[slot + 1 : slot + 1 + array.ndim] = array.shape
            elif isinstance(declared, Source):
                context[slot] = sources[declared.source]
            elif isinstance(declared, In | Out):
                buffer = step.ins[key] if isinstance(declared, In) else step.outs[key]
                context[slot] = buffer.address
                if declared.kind == "signal":
                    context[slot + 1] = buffer.lanes
                if declared.kind == "signal" and isinstance(declared, In):
                    context[slot + 2] = 1 if buffer.rests else self.frames
                    if buffer.rests:
                        buffer.readers.append(step.context + 8 * (slot + 2))

    def _numbers(self, table: np.ndarray[Any, Any], numbers: list[Param], readers: int) -> None:
        self.index = {param.path: i for i, param in enumerate(numbers)}
        self.table = table
        for i, param in enumerate(numbers):
            row = table[i]
            row["buffer"], row["lanes"] = param.buffer.address, param.buffer.lanes
            row["ramp"] = round(param.port.ramp * self.rate)
            row["value"] = row["target"] = param.value
            row["readers"], row["reader_count"] = self.arena.base + readers, len(param.buffer.readers)
            self.arena.array(readers, len(param.buffer.readers), np.int64)[:] = param.buffer.readers
            readers += 8 * len(param.buffer.readers)
            self.arena.array(param.buffer.address - self.arena.base, (self.frames, param.buffer.lanes), np.float32)[
                ...
            ] = param.value
