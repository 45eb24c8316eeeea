"""A part of a song by its bars: `--from BAR --to BAR`, or by its sections.

Nothing is rendered that is not asked for: the clocks of the patch begin at the bar, and what follows them finds its
place there, as it does after a jump. What sounded before is not heard on. How long the part lasts is counted by the
clock itself, so that tempo ramps come out as they are played.
"""

from __future__ import annotations

from typing import Any

from graph.engine.ending import is_clock, sections_of
from graph.errors import GraphError, did_you_mean
from graph.model.net import Net
from graph.model.order import order
from graph.node.node import Cable, Node
from graph.plan.block import block_of

_FRAMES = 4_800
_RATE = 48_000.0
_LONGEST = 24 * 3_600.0
"""Seconds."""


def excerpt(graph: Net, first: str = "", last: str = "") -> float | None:
    """[control] Lets a graph begin at the bar or section `first`; the seconds until the beginning of `last`.

    Bars count from 1, so that 5 and 9 are four bars; a section ends where the next one begins. Without `last` the
    answer is None.
    """
    clocks = [node for node in order(graph) if is_clock(node)]
    if not clocks:
        raise GraphError("--from and --to count the bars of a Transport, and this patch has none")
    begin = _bar(clocks[0], first, "--from") if first else 1.0
    over = sections_of(clocks[0]).get("end")
    if over is not None and begin >= float(over):
        raise GraphError(f"--from {first}: the song ends at bar {float(over):g}")
    end = _bar(clocks[0], last, "--to") if last else None
    if end is not None and end <= begin:
        raise GraphError(f"--to {last} does not come after --from {first or 1}")
    for clock in clocks:
        clock.set("start", begin)
    return None if end is None else _seconds(clocks[0], end)


def _bar(clock: Node, word: str, option: str) -> float:
    """The bar of a number or of a section's name."""
    sections = sections_of(clock)
    try:
        bar = float(sections.get(word, word))
    except ValueError:
        known = f" It has: {', '.join(sections)}" if sections else " Bars are numbers from 1."
        raise GraphError(
            f"{option}: there is no section '{word}'.{did_you_mean(word, list(sections)) or known}"
        ) from None
    if not 1 <= bar <= 1e6:
        raise GraphError(f"{option}: bars count from 1, not from {word}")
    return bar


def _seconds(clock: Node, bar: float) -> float:
    """How long a clock takes to `bar`, by running it alone."""
    driven = [key for key, value in clock.inputs.items() if isinstance(value, Cable)]
    if driven:
        raise GraphError(f"--to: {clock.label}.{driven[0]} is driven by a cable, so nobody knows when; use --seconds")
    given: dict[str, Any] = {**clock.options, **clock.inputs, "loop_to": 0.0, "loop": ""}
    block = block_of(type(clock), frames=_FRAMES, sample_rate=_RATE, **given)
    for turn in range(int(_LONGEST * _RATE / _FRAMES)):
        clock.kernel(block)
        wanted = (bar - 1) * float(block.out.quantum[0])
        if block.out.beat[-1] >= wanted - 1e-9:
            frame = next(i for i, beat in enumerate(block.out.beat) if beat >= wanted - 1e-9)
            return (turn * _FRAMES + frame) / _RATE
        if block.out.beat[-1] == block.out.beat[0]:
            break
    raise GraphError(f"--to: {clock.label} does not come to bar {bar:g}")
