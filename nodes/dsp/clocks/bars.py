"""Bars and sections of a clock. `bars` has rows of beat, bar, and beats per bar from there on."""

from __future__ import annotations

from graph import inline
from nodes.dsp.math.functions import clamp

EARLY = 1e-9
"""Rounding tolerance in beats."""


@inline(double=True)
def loop_between(bars, region, first, last):
    """[audio] Start and end beat of the loop between two bars; without one, of the section's loop."""
    begin = bar_line(bars, clamp(first, 1.0, 1e6))
    end = bar_line(bars, clamp(last, 0.0, 1e6))
    return (begin, end) if end > begin else (region[0], region[1])


@inline(double=True)
def bar_line(bars, bar):
    """[audio] The beat at the start of a bar; bars count from 1."""
    row = 0
    while row + 1 < bars.shape[0] and bars[row + 1, 1] <= bar + EARLY:
        row += 1
    return bars[row, 0] + (bar - bars[row, 1]) * bars[row, 2]


@inline(double=True)
def section_at(marks, beat):
    """[audio] The number of the section at a beat, from 1; 0 before the first."""
    part = 0
    for mark in marks:
        part += 1 if beat >= mark - EARLY else 0
    return part


@inline(double=True)
def quantum_at(bars, beat):
    """[audio] Beats per bar at a beat."""
    row = 0
    while row + 1 < bars.shape[0] and bars[row + 1, 0] <= beat + EARLY:
        row += 1
    return bars[row, 2]
