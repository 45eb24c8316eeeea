"""Bars as times: which clock counts them, and how long it takes to reach one.

The clock itself measures the times, so tempo ramps are exact.
"""

from __future__ import annotations

from math import ceil
from os import PathLike
from pathlib import Path
from typing import Any

from graph.engine.ending import is_clock, is_filed, sections_of
from graph.errors import GraphError, did_you_mean
from graph.midi.file import MidiSong, read
from graph.midi.tempo_map import bar_of, bars_of, beat_of, last_beat, seconds_of
from graph.model.net import Net
from graph.model.order import order, resolve
from graph.node.library import find
from graph.node.node import Cable, Node
from graph.plan.block import block_of

FRAMES = 4_800
RATE = 48_000.0
_LONGEST = 24 * 3_600.0
"""Seconds."""


def seconds_of_bar(graph: Net, bar: str) -> float:
    """Seconds from the start of a graph to a bar or section; GraphError if nothing counts its bars."""
    counter = counter_of(graph, None, "places in bars")
    start = float(counter.options["start"])
    wanted = bar_named(counter, bar, "bar")
    return seconds_to(counter, wanted, "bar") - (seconds_to(counter, start, "bar") if start != 1 else 0.0)


def counter_of(graph: Net, midi: str | PathLike[str] | None, who: str = "--from and --to") -> Node:
    """The clock that counts the bars: a node of the graph, or a Transport made from the MIDI file."""
    nodes = order(graph)
    for node in nodes:
        gives = any(port.kind == "clock" for port in node.outs().values())
        if gives and not is_clock(node) and "file" not in node.options:
            raise GraphError(
                f"{who}: {graph.names[node]} receives its beat from outside and cannot be moved; "
                "start the song at that bar on the sender instead"
            )
    clocks = sorted((node for node in nodes if is_clock(node)), key=lambda node: (is_filed(node), node.serial))
    if clocks:
        return clocks[0]
    own = (node.options["file"] for node in nodes if keeps_time(node) and "file" in node.options)
    file = midi or next(own, None)
    if file is None:
        raise GraphError(f"{who} count the bars of a Transport or a MIDI file, and this patch has neither")
    return find("Transport")(file=str(file), name=Path(file).name)


def keeps_time(node: Node) -> bool:
    """Whether it has a clock input that is not connected."""
    return any(port.kind == "clock" and key not in node.inputs for key, port in node.ins().items())


def bar_named(clock: Node, word: str, option: str) -> float:
    """The bar, from a number or the name of a section."""
    sections = sections_of(clock)
    try:
        bar = float(sections.get(word, word))
    except ValueError:
        known = f" It has: {', '.join(sections)}" if sections else " Bars are numbers from 1."
        raise GraphError(
            f"{option}: there is no section '{word}'.{did_you_mean(word, list(sections)) or known}"
        ) from None
    if not 1 <= bar <= 1e6:
        raise GraphError(f"{option}: bars count from 1, so there is no bar {word}")
    return bar


def driven_input(clock: Node) -> str:
    """The first input of a clock that is driven by a cable, or an empty string."""
    signals = [key for key, port in clock.ins().items() if port.kind == "signal"]
    return next((key for key in signals if _number(clock.inputs[key]) is None), "")


def _number(value: float | Cable) -> float | None:
    """The constant value of an input, or of the input that it follows; None if a cable drives it."""
    source = resolve(value)
    while isinstance(source, Cable) and source.port in source.node.ins():
        source = source.node.inputs.get(source.port, 0.0)
    return None if isinstance(source, Cable) else source


def alone(clock: Node) -> Any:
    """A block for running a clock alone, from its start and without loops."""
    numbers = {key: _number(value) for key, value in clock.inputs.items()}
    given: dict[str, Any] = {**clock.options, **numbers, "loop_to": 0.0, "loop": ""}
    return block_of(type(clock), frames=FRAMES, sample_rate=RATE, **given)


def seconds_to(clock: Node, bar: float, option: str) -> float:
    """Seconds that a clock takes from its start to `bar`, found by running it; interpolated between frames."""
    driven = driven_input(clock)
    if driven:
        raise GraphError(f"{option}: {clock.label}.{driven} is driven by a cable: its time is unknown; use --seconds")
    if is_filed(clock):
        song = read(clock.options["file"])
        beat = beat_of(bars_of(song), bar)
        if beat > last_beat(song) + 1e-9:
            raise GraphError(f"{option}: {clock.label} does not reach bar {bar:g}: it ends in bar {_last_bar(song)}")
        return seconds_of(song, beat)
    block, before = alone(clock), 0.0
    for turn in range(int(_LONGEST * RATE / FRAMES)):
        clock.kernel(block)
        beats = block.out.beat
        wanted = (bar - 1) * float(block.out.quantum[0])
        if beats[-1] >= wanted - 1e-9:
            frame = int((beats >= wanted - 1e-9).argmax())
            last = float(beats[frame - 1]) if frame else before
            part = (wanted - last) / (float(beats[frame]) - last) if beats[frame] > last else 1.0
            exact = turn * FRAMES + frame - 1 + min(part, 1.0) if turn or frame else 0.0
            return float(exact) / RATE
        if beats[-1] == beats[0]:
            break
        before = float(beats[-2])
    raise GraphError(f"{option}: {clock.label} does not reach bar {bar:g}")


def _last_bar(song: MidiSong) -> int:
    """The bar in which a file ends."""
    return ceil(bar_of(bars_of(song), last_beat(song)) - 1e-9) - 1
