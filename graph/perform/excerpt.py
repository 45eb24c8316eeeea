"""An excerpt of a song by bars or sections: `--from BAR --to BAR`.

Only the excerpt is rendered: every clock of the patch starts at its first bar. Nodes that follow a clock find their
positions as they do after a jump. Nodes without a clock (a MIDI file, a recording, breakpoints in seconds) read the
elapsed time from `Net.start`. Notes and tails from before the excerpt are missing. The clock itself measures the
times (`play/bars.py`), so tempo ramps are exact.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike

from graph.engine.ending import is_clock, is_filed, sections_of
from graph.errors import GraphError
from graph.midi.file import read
from graph.midi.tempo_map import bar_of, bars_of, beat_after
from graph.model.net import Net
from graph.model.order import order, resolve
from graph.node.library import find
from graph.node.node import Cable, Node
from graph.node.place import Place
from graph.play.bars import FRAMES, RATE, alone, bar_named, counter_of, driven_input, keeps_time, seconds_to


def excerpt(graph: Net, first: str = "", last: str = "", midi: str | PathLike[str] | None = None) -> float | None:
    """[control] Starts a graph at the bar or section `first`; returns the seconds until `last` starts.

    Bars count from 1, so `first` 5 and `last` 9 are four bars; a section ends where the next one starts. Without
    `last` the result is None. The bars are those of the patch's first Transport; without one, those of `midi`, a file
    played into the graph, or of its MidiFile.
    """
    counter = counter_of(graph, midi)
    home = float(counter.options["start"])
    begin = bar_named(counter, first, "--from") if first else home
    over = sections_of(counter).get("end")
    if over is not None and begin >= float(over):
        raise GraphError(f"--from {first}: the song ends at bar {float(over):g}")
    end = bar_named(counter, last, "--to") if last else None
    if end is not None and end <= begin:
        raise GraphError(f"--to {last} must be after --from {first or 1}")
    if begin != home:
        _move(graph, counter, begin)
    if end is None:
        return None
    return seconds_to(counter, end, "--to") - (seconds_to(counter, begin, "--to") if first else 0)


def _move(graph: Net, counter: Node, begin: float) -> None:
    """Starts every clock at its position when the counter reaches bar `begin`."""
    clocks = [node for node in order(graph) if is_clock(node)]
    driven = driven_input(counter)
    if driven:
        why = f"{counter.label}.{driven} is driven by a cable, so the time of its bar {begin:g} is unknown"
        graph.start = Place(None, why=why)
    else:
        graph.start = Place(seconds_to(counter, begin, "--from"), nearest=is_filed(counter))
    found = {clock: begin if clock is counter else _bar_at(graph, clock) for clock in clocks}
    for node in order(graph):
        if keeps_time(node) and "tempo" in node.ins():
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
    driven = driven_input(clock)
    if driven:
        raise GraphError(
            f"--from cannot move {graph.names[clock]}: its {driven} is driven by a cable, so its position is unknown"
        )
    if is_filed(clock):
        song = read(clock.options["file"])
        return bar_of(bars_of(song), beat_after(song, seconds))
    block, beat, quantum = alone(clock), 0.0, 4.0
    for turn in range(int(seconds * RATE / FRAMES) + 1):
        clock.kernel(block)
        place = seconds * RATE - turn * FRAMES
        frame = min(int(place), FRAMES - 1)
        beats = block.out.beat[frame : frame + 2]
        beat, quantum = float(beats[0] + (place - frame) * (beats[1] - beats[0])), float(block.out.quantum[0])
    return beat / quantum + 1
