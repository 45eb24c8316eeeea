"""An excerpt of a song by bars or sections: `--from BAR --to BAR`.

Only the excerpt is rendered: every clock of the patch starts at its first bar. Nodes that follow a clock find their
positions as they do after a jump. Nodes without a clock (a MIDI file, a recording, breakpoints in seconds) read the
elapsed time from `Net.start`. Notes and tails from before the excerpt are missing. The clock itself measures the
times, so tempo ramps are exact.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from os import PathLike
from pathlib import Path
from typing import Any

from graph.engine.ending import is_clock, is_filed, sections_of
from graph.errors import GraphError, did_you_mean
from graph.midi.file import MidiSong, read
from graph.midi.tempo_map import bar_of, bars_of, beat_after, beat_of, last_beat, seconds_of
from graph.model.net import Net
from graph.model.order import order, resolve
from graph.node.library import find
from graph.node.node import Cable, Node
from graph.node.place import Place
from graph.plan.block import block_of

_FRAMES = 4_800
_RATE = 48_000.0
_LONGEST = 24 * 3_600.0
"""Seconds."""


def excerpt(graph: Net, first: str = "", last: str = "", midi: str | PathLike[str] | None = None) -> float | None:
    """[control] Starts a graph at the bar or section `first`; returns the seconds until `last` starts.

    Bars count from 1, so `first` 5 and `last` 9 are four bars; a section ends where the next one starts. Without
    `last` the result is None. The bars are those of the patch's first Transport; without one, those of `midi`, a file
    played into the graph, or of its MidiFile.
    """
    counter = _counter(graph, midi)
    home = float(counter.options["start"])
    begin = _bar(counter, first, "--from") if first else home
    over = sections_of(counter).get("end")
    if over is not None and begin >= float(over):
        raise GraphError(f"--from {first}: the song ends at bar {float(over):g}")
    end = _bar(counter, last, "--to") if last else None
    if end is not None and end <= begin:
        raise GraphError(f"--to {last} must be after --from {first or 1}")
    if begin != home:
        _move(graph, counter, begin)
    return None if end is None else _seconds(counter, end, "--to") - (_seconds(counter, begin, "--to") if first else 0)


def _counter(graph: Net, midi: str | PathLike[str] | None) -> Node:
    """The clock that counts the bars: a node of the graph, or a Transport made from the MIDI file."""
    nodes = order(graph)
    for node in nodes:
        gives = any(port.kind == "clock" for port in node.outs().values())
        if gives and not is_clock(node) and "file" not in node.options:
            raise GraphError(
                f"--from and --to: {graph.names[node]} receives its beat from outside and cannot be moved; "
                "start the song at that bar on the sender instead"
            )
    clocks = sorted((node for node in nodes if is_clock(node)), key=lambda node: (is_filed(node), node.serial))
    if clocks:
        return clocks[0]
    own = (node.options["file"] for node in nodes if _keeps_time(node) and "file" in node.options)
    file = midi or next(own, None)
    if file is None:
        raise GraphError("--from and --to count the bars of a Transport or a MIDI file, and this patch has neither")
    return find("Transport")(file=str(file), name=Path(file).name)


def _keeps_time(node: Node) -> bool:
    """Whether it has a clock input that is not connected."""
    return any(port.kind == "clock" and key not in node.inputs for key, port in node.ins().items())


def _bar(clock: Node, word: str, option: str) -> float:
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


def _move(graph: Net, counter: Node, begin: float) -> None:
    """Starts every clock at its position when the counter reaches bar `begin`."""
    clocks = [node for node in order(graph) if is_clock(node)]
    driven = _driven(counter)
    if driven:
        why = f"{counter.label}.{driven} is driven by a cable, so the time of its bar {begin:g} is unknown"
        graph.start = Place(None, why=why)
    else:
        graph.start = Place(_seconds(counter, begin, "--from"), nearest=is_filed(counter))
    found = {clock: begin if clock is counter else _bar_at(graph, clock) for clock in clocks}
    for node in order(graph):
        if _keeps_time(node) and "tempo" in node.ins():
            _give_clock(graph, node)
    homes = {graph.names[clock]: float(clock.options["start"]) for clock in found}
    graph.start = replace(graph.start, homes=homes)
    for clock, bar in found.items():
        clock.set("start", bar)


def _give_clock(graph: Net, node: Node) -> None:
    """Connects a node that has a tempo but no start position to a Transport of that tempo, which has one."""
    seconds, tempo = _known(graph, node), resolve(node.inputs["tempo"])
    if isinstance(tempo, Cable) and tempo.port in tempo.node.ins():
        tempo = tempo.node.inputs.get(tempo.port, 0.0)
    if isinstance(tempo, Cable):
        raise GraphError(
            f"--from cannot move {graph.names[node]}: its tempo is driven by a cable, so its position "
            "is unknown; connect its clock to a Transport"
        )
    clock = find("Transport")(tempo=node.cable("tempo"), start=1 + seconds * float(tempo or 0.0) / 240)
    graph.add(clock, "own_clock")
    node.set(next(key for key, port in node.ins().items() if port.kind == "clock"), clock)


def _known(graph: Net, node: Node) -> float:
    """The elapsed seconds at the start of the excerpt; GraphError if they are unknown."""
    if graph.start.seconds is None:
        raise GraphError(f"--from cannot move {graph.names[node]}: {graph.start.why}")
    return graph.start.seconds


def _bar_at(graph: Net, clock: Node) -> float:
    """The position of another clock at the start of the excerpt, in bars with a fraction."""
    seconds = _known(graph, clock)
    driven = _driven(clock)
    if driven:
        raise GraphError(
            f"--from cannot move {graph.names[clock]}: its {driven} is driven by a cable, so its position is unknown"
        )
    if is_filed(clock):
        song = read(clock.options["file"])
        return bar_of(bars_of(song), beat_after(song, seconds))
    block, beat, quantum = _alone(clock), 0.0, 4.0
    for turn in range(int(seconds * _RATE / _FRAMES) + 1):
        clock.kernel(block)
        place = seconds * _RATE - turn * _FRAMES
        frame = min(int(place), _FRAMES - 1)
        beats = block.out.beat[frame : frame + 2]
        beat, quantum = float(beats[0] + (place - frame) * (beats[1] - beats[0])), float(block.out.quantum[0])
    return beat / quantum + 1


def _driven(clock: Node) -> str:
    """The first input of a clock that is driven by a cable, or an empty string."""
    signals = [key for key, port in clock.ins().items() if port.kind == "signal"]
    return next((key for key in signals if _number(clock.inputs[key]) is None), "")


def _number(value: float | Cable) -> float | None:
    """The constant value of an input, or of the input that it follows; None if a cable drives it."""
    source = resolve(value)
    while isinstance(source, Cable) and source.port in source.node.ins():
        source = source.node.inputs.get(source.port, 0.0)
    return None if isinstance(source, Cable) else source


def _alone(clock: Node) -> Any:
    """A block for running a clock alone, from its start and without loops."""
    numbers = {key: _number(value) for key, value in clock.inputs.items()}
    given: dict[str, Any] = {**clock.options, **numbers, "loop_to": 0.0, "loop": ""}
    return block_of(type(clock), frames=_FRAMES, sample_rate=_RATE, **given)


def _seconds(clock: Node, bar: float, option: str) -> float:
    """Seconds that a clock takes from its start to `bar`, found by running it; interpolated between frames."""
    driven = _driven(clock)
    if driven:
        raise GraphError(f"{option}: {clock.label}.{driven} is driven by a cable: its time is unknown; use --seconds")
    if is_filed(clock):
        song = read(clock.options["file"])
        beat = beat_of(bars_of(song), bar)
        if beat > last_beat(song) + 1e-9:
            raise GraphError(f"{option}: {clock.label} does not reach bar {bar:g}: it ends in bar {_last_bar(song)}")
        return seconds_of(song, beat)
    block, before = _alone(clock), 0.0
    for turn in range(int(_LONGEST * _RATE / _FRAMES)):
        clock.kernel(block)
        beats = block.out.beat
        wanted = (bar - 1) * float(block.out.quantum[0])
        if beats[-1] >= wanted - 1e-9:
            frame = int((beats >= wanted - 1e-9).argmax())
            last = float(beats[frame - 1]) if frame else before
            part = (wanted - last) / (float(beats[frame]) - last) if beats[frame] > last else 1.0
            exact = turn * _FRAMES + frame - 1 + min(part, 1.0) if turn or frame else 0.0
            return float(exact) / _RATE
        if beats[-1] == beats[0]:
            break
        before = float(beats[-2])
    raise GraphError(f"{option}: {clock.label} does not reach bar {bar:g}")


def _last_bar(song: MidiSong) -> int:
    """The bar in which a file ends."""
    return ceil(bar_of(bars_of(song), last_beat(song)) - 1e-9) - 1
