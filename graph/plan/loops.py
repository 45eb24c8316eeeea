"""Wiring data of a plan for the guard: feedback loops, audio sources of each step, and limited signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.model.net import Net
from graph.node.arithmetic import Spread
from graph.node.taps import SignalTap
from graph.plan.steps import Buffer, Step

PLAIN_UNITS = ("", "any")
"""Units of signals that may be audio. A cutoff of 20,000 Hz is not a fault."""


@dataclass
class Wiring:
    """Audio cables of a plan, by the numbers of its steps.

    feeds     for each step, the steps whose audio it reads; inputs with a unit, such as a cutoff, do not count
    loop      for each step, the index of its loop, or -1; a delaying step always has one
    limited   for each step, the outputs checked against the limit
    heard     whether the step's audio reaches the output
    resets    whether the guard may reset a step's states; false if that would lose events
    """

    feeds: list[list[int]] = field(default_factory=list)
    loop: list[int] = field(default_factory=list)
    limited: list[set[str]] = field(default_factory=list)
    heard: list[bool] = field(default_factory=list)
    resets: list[bool] = field(default_factory=list)


def wiring(graph: Net, steps: list[Step], output: Buffer) -> Wiring:
    """[control] Computes the wiring of steps with assigned buffers."""
    made_by = {buffer: index for index, step in enumerate(steps) for buffer in step.outs.values()}
    readers: dict[Buffer, list[tuple[int, str]]] = {}
    found = Wiring()
    for index, step in enumerate(steps):
        feeds = []
        for key, buffer in step.ins.items():
            port = step.node.ins()[key]
            if port.kind != "signal":
                continue
            if isinstance(step.node, SignalTap):  # a tap does not affect the sound
                continue
            readers.setdefault(buffer, []).append((index, key))
            if buffer in made_by and port.unit in PLAIN_UNITS and _plain(steps[made_by[buffer]], buffer):
                feeds.append(made_by[buffer])
        found.feeds.append(feeds)
        events = any(port.kind == "events" for port in step.node.ins().values()) or bool(type(step.node).sources())
        sounds = all(port.kind == "signal" for port in step.node.outs().values())
        found.resets.append(bool(step.node.states()) and sounds and not events and not step.node.sink)
    quantities = _quantities(steps, readers, output)
    for step in steps:
        found.limited.append(
            {
                key
                for key, out in step.node.outs().items()
                if out.kind == "signal"
                and out.unit in PLAIN_UNITS
                and (step.node.breaks_cycles or not out.persistent)
                and (out.unit != "any" or any(buffer in made_by for buffer in step.ins.values()))
                and step.outs[key] not in quantities
                and step.name in graph.nodes
            }
        )
    found.loop = _loops(steps, found.feeds)
    found.heard = _reached(found.feeds, [made_by[output]] if output in made_by else [])
    return found


def _plain(step: Step, buffer: Buffer) -> bool:
    """Whether a step's output has no unit."""
    return any(step.outs[key] is buffer and out.unit in PLAIN_UNITS for key, out in step.node.outs().items())


def _quantities(steps: list[Step], readers: Mapping[Buffer, list[tuple[int, str]]], output: Buffer) -> set[Buffer]:
    """The buffers read only as a quantity, such as a frequency, including through sums."""
    passing = {index for index, step in enumerate(steps) if _passes(step)}
    quantities = {buffer for buffer in readers if buffer is not output}
    changed = True
    while changed:  # start with all: cycles without an audio reader stay in
        changed = False
        for buffer in list(quantities):
            for index, key in readers[buffer]:
                step = steps[index]
                if step.node.ins()[key].unit not in PLAIN_UNITS:
                    continue
                if index in passing and all(out in quantities for out in step.outs.values()):
                    continue
                quantities.discard(buffer)
                changed = True
                break
    return quantities


def _passes(step: Step) -> bool:
    """Whether its output may be a quantity because its inputs are quantities."""
    if step.node.breaks_cycles or isinstance(step.node, Spread):
        return True
    return all(out.unit == "any" for out in step.node.outs().values())


def _reached(feeds: list[list[int]], start: list[int]) -> list[bool]:
    """The steps of `start`, and all steps that feed them."""
    seen = [False] * len(feeds)
    stack = list(start)
    while stack:
        index = stack.pop()
        if not seen[index]:
            seen[index] = True
            stack += feeds[index]
    return seen


def _loops(steps: list[Step], feeds: list[list[int]]) -> list[int]:
    """The loop of each step: the steps that a delaying step both feeds and is fed from.

    Every cycle has a delaying step, so the search starts from those. Loops that share a step are merged.
    """
    loop = [-1] * len(steps)
    fed: list[list[int]] = [[] for _ in steps]
    for index, sources in enumerate(feeds):
        for source in sources:
            fed[source].append(index)
    for index, step in enumerate(steps):
        if step.node.breaks_cycles and loop[index] < 0:
            before, after = _reached(feeds, [index]), _reached(fed, [index])
            for other in range(len(steps)):
                if before[other] and after[other]:
                    loop[other] = index
    return loop
