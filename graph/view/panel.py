"""Draws what the terminal view lets one choose: knobs, and presets by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from graph.view.knobs import Knob, Knobs

DIM, BRIGHT, ACCENT, WARM = "bright_black", "bold", "cyan", "yellow"
COLUMN = 38
"""Columns that a knob needs beside others."""
NAME, VALUE = 17, 10
"""Columns of a knob's name and of its value."""


@dataclass(frozen=True)
class Spot:
    """Columns `left` to `right` of a line that a click or the wheel aims at: the knob or preset number `index`."""

    kind: str
    index: int
    left: int
    right: int


Row = tuple[Text, list[Spot]]


def knob_rows(knobs: Knobs, changed: Sequence[str], width: int, count: int) -> list[Row]:
    """At most `count` lines of knobs, several per line where there is room, with the selected one among them."""
    columns = max(1, width // COLUMN)
    size = width // columns
    shown = columns * max(0, count)
    first = max(0, min(knobs.at - shown // 2, len(knobs.knobs) - shown)) // columns * columns
    first += columns if shown and knobs.at >= first + shown else 0
    rows: list[Row] = []
    for start in range(first, min(first + shown, len(knobs.knobs)), columns):
        line, spots = Text(), []
        for index in range(start, min(start + columns, len(knobs.knobs))):
            left = line.cell_len
            knob = knobs.knobs[index]
            line.append_text(_knob(knob, knobs.value(knob), index == knobs.at, knob.path in changed, size))
            spots.append(Spot("knob", index, left, line.cell_len))
        rows.append((line, spots))
    return rows


def _knob(knob: Knob, value: float, selected: bool, changed: bool, size: int) -> Text:
    name = knob.name if len(knob.name) <= NAME else f"{knob.name[: NAME - 1]}…"
    text = Text().append("▸" if selected else " ", ACCENT).append(f"{name:<{NAME}} ", BRIGHT if selected else "")
    number = f"{knob.text(value):>{VALUE}}"
    room = max(3, size - NAME - VALUE - 4)
    at = min(room - 1, int(knob.share(value) * room))
    text.append("─" * at, ACCENT if selected else DIM).append("●", ACCENT if selected else "")
    text.append("─" * (room - 1 - at), DIM).append(number, WARM if changed else BRIGHT if selected else DIM)
    text.append(" ")
    return text


def preset_row(names: Sequence[str], chosen: str, label: Text, width: int) -> Row:
    """One line with the presets by name, those around the chosen one if there is no room for all."""
    line, spots = label.copy(), list[Spot]()
    at = names.index(chosen) if chosen in names else 0
    first = 0
    while first < at and sum(len(name) + 2 for name in names[first : at + 1]) > width - line.cell_len - 2:
        first += 1
    for index in range(first, len(names)):
        name = names[index]
        if line.cell_len + len(name) > width:
            break
        left = line.cell_len
        line.append(name, f"black on {ACCENT}" if name == chosen else "").append("  ")
        spots.append(Spot("preset", index, left, left + len(name)))
    return line, spots
