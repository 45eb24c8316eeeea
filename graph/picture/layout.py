"""The layout of a diagram: Graphviz's `dot` places boxes of the given sizes and routes the cables.

Boxes are tables with one cell per port, so that cables end at the drawn pins. All sizes are in points. Graphviz never
measures text: its cells are empty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import Any

from graph.errors import GraphrunError
from graph.picture.picture import Box, Picture, groups

ROW = 17.0
TITLE = 24.0
FONT = 11.0
SMALL = 24.0
PAD = 9.0
GAP = 16.0

_ADVANCES = (
    ("ijl.,:;|'", 0.38),
    ("Iftr!()[]-/ ", 0.46),
    ("ABCDGHKNOQRUVXYw#^+~<>=&\N{MULTIPLICATION SIGN}\N{MINUS SIGN}\N{DIVISION SIGN}", 0.84),
    ("mMW%@", 1.05),
)
"""Letter widths in ems; other letters are estimated as ASCII or non-ASCII."""


def text_width(text: str, size: float = FONT, bold: bool = False) -> float:
    """Upper bound for the width of a text, from DejaVu Sans and Verdana, the widest common sans-serif fonts."""
    ems = sum(_em(letter) for letter in text)
    return ems * size * (1.12 if bold else 1.0)


def _em(letter: str) -> float:
    return next((width for letters, width in _ADVANCES if letter in letters), 0.71 if letter.isascii() else 1.1)


@dataclass
class Placed:
    """A box with its position (top left corner) and size; pins are the cable ends by side and key."""

    box: Box
    width: float
    height: float
    left_column: float
    x: float = 0.0
    y: float = 0.0

    def pin(self, side: str, key: str) -> float:
        """The distance of a port from the top edge of the box."""
        if self.box.small:
            return self.height / 2
        ports = self.box.ins if side == "i" else self.box.outs
        return self.first_row() + ROW * (next(n for n, port in enumerate(ports) if port.key == key) + 0.5)

    def first_row(self) -> float:
        return TITLE + ROW * len(self.box.notes) + (4 if self.box.notes else 2)


@dataclass
class Layout:
    """All positions: cables as Bezier curves, three points per segment after the first; frames of nested patches."""

    width: float
    height: float
    boxes: list[Placed]
    curves: list[list[tuple[float, float]]]
    frames: dict[tuple[str, ...], tuple[float, float, float, float]] = field(default_factory=dict)


def measure(box: Box) -> Placed:
    """The size of a box."""
    if box.small:
        return Placed(box, max(SMALL, text_width(box.title, bold=True) + 2 * PAD), SMALL, 0)
    left = max(
        (text_width(port.key) + (GAP / 2 + text_width(port.value) if port.value else 0) for port in box.ins), default=0
    )
    right = 0 if box.through else max((text_width(port.key) for port in box.outs), default=0)
    title = text_width(box.title, bold=True) + GAP / 2 + text_width(box.subtitle)
    notes = max((text_width(f"{key} {value}") + GAP / 2 for key, value in box.notes), default=0)
    width = max(left + GAP + right, title, notes) + 2 * PAD
    left_column = min(width - 1, PAD + left + GAP / 2) if box.ins else 1.0
    placed = Placed(box, width, 0, left_column)
    placed.height = placed.first_row() + ROW * max(len(box.ins), len(box.outs)) + 4
    return placed


def dot(picture: Picture, boxes: list[Placed] | None = None) -> str:
    """The diagram in Graphviz's language; with sizes instead of text if `boxes` are given."""
    sizes = {placed.box.key: placed for placed in boxes or ()}
    numbers = {box.key: f"n{number}" for number, box in enumerate(picture.boxes)}
    lines = [
        "digraph {",
        "  rankdir=LR; nodesep=0.28; ranksep=0.65; splines=spline; outputorder=edgesfirst;",
        '  node [shape=plain, fontname="Helvetica,Arial,sans-serif", fontsize=11];',
        '  edge [dir=none]; graph [fontname="Helvetica,Arial,sans-serif", fontsize=11];',
    ]
    if picture.name and not boxes:
        lines.append(f"  label={_quoted(picture.name)}; labelloc=t;")
    frames = list(groups(picture.boxes))
    for box in picture.boxes:
        if not box.group:
            lines.append(f"  {numbers[box.key]} [{_label(box, sizes.get(box.key))}];")
    lines += [line for frame in frames if len(frame) == 1 for line in _cluster(frame, frames, picture, sizes, numbers)]
    for number, wire in enumerate(picture.wires):
        width = f", penwidth={stroke(wire.lanes):.1f}, color={_quoted(COLORS[wire.kind])}" if not boxes else ""
        small = {box.key for box in picture.boxes if box.small}
        ends = [
            numbers[key] + ("" if key in small and not boxes else f":{_port(side, port)}") + f":{compass}"
            for key, side, port, compass in (
                (wire.source, "o", wire.output, "e"),
                (wire.target, "i", wire.input, "w"),
            )
        ]
        lines.append(f"  {ends[0]} -> {ends[1]} [id=w{number}, weight={3 if wire.source in small else 1}{width}];")
    return "\n".join([*lines, "}", ""])


COLORS = {"signal": "#2f6fb5", "events": "#d9730d", "clock": "#2f8f4e"}


def stroke(lanes: int) -> float:
    """The line width of a cable."""
    return 1.4 + 0.8 * min(lanes.bit_length() - 1, 6)


def _cluster(
    frame: tuple[str, ...],
    frames: list[tuple[str, ...]],
    picture: Picture,
    sizes: dict[str, Placed],
    numbers: dict[str, str],
) -> list[str]:
    lines = [f"subgraph {_quoted('cluster_' + '.'.join(frame))} {{"]
    if sizes:  # a label of the same height reserves space for the drawn one
        lines.append(f"  margin=14; label=<{_cell('', text_width(frame[-1], bold=True) + PAD, ROW)}>; labeljust=l;")
    else:
        lines.append(f"  margin=14; label={_quoted(frame[-1])}; labeljust=l; style=rounded; color=gray;")
    for box in picture.boxes:
        if box.group == frame:
            lines.append(f"  {numbers[box.key]} [{_label(box, sizes.get(box.key))}];")
    for inner in frames:
        if len(inner) == len(frame) + 1 and inner[:-1] == frame:
            lines += _cluster(inner, frames, picture, sizes, numbers)
    return [f"  {line}" for line in [*lines, "}"]]


def _label(box: Box, size: Placed | None) -> str:
    if size is None and box.small:
        return f'shape=box, style=rounded, height=0.3, width=0.3, margin="0.06,0.03", label={_quoted(box.title)}'
    if box.small:
        assert size is not None
        return f"label=<{_cell('', size.width, size.height, both=True)}>"
    if size is None:
        rows = [f'<tr><td colspan="2" bgcolor="#e8eef6"><b>{escape(box.title)}</b> {escape(box.subtitle)}</td></tr>']
        rows += [f'<tr><td colspan="2" align="left"><i>{escape(f"{k} {v}")}</i></td></tr>' for k, v in box.notes]
    else:
        rows = [f'<tr><td colspan="2" {_fixed(size.width, size.first_row())}></td></tr>']
    for number in range(max(len(box.ins), len(box.outs))):
        cells = []
        for side, ports in (("i", box.ins), ("o", box.outs)):
            port = ports[number] if number < len(ports) else None
            name = f'port="{_port(side, port.key)}"' if port else ""
            if size is None:
                text = escape(f"{port.key} {port.value}".strip()) if port and not (box.through and side == "o") else ""
                cells.append(f'<td {name} align="{"left" if side == "i" else "right"}">{text}</td>')
            else:
                width = size.left_column if side == "i" else size.width - size.left_column
                cells.append(f"<td {name} {_fixed(width, ROW)}></td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    if size is not None:
        rows.append(f'<tr><td colspan="2" {_fixed(size.width, 4)}></td></tr>')
        return f'label=<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{"".join(rows)}</table>>'
    return f'label=<<table border="1" cellborder="0" cellspacing="0" style="rounded">{"".join(rows)}</table>>'


def _cell(text: str, width: float, height: float, both: bool = False) -> str:
    ports = f'port="{_port("i", "in")}"' if both else ""
    second = f'<td port="{_port("o", "out")}" {_fixed(width / 2, height)}></td>' if both else ""
    first = f"<td {ports} {_fixed(width / 2 if both else width, height)}>{text}</td>"
    table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="0">'
    return f"{table}<tr>{first}{second}</tr></table>"


def _fixed(width: float, height: float) -> str:
    return f'fixedsize="true" width="{round(width)}" height="{round(height)}"'


def _port(side: str, key: str) -> str:
    return f"{side}_{key}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def place(picture: Picture) -> Layout:
    """The layout of the diagram; GraphrunError with the install command if Graphviz is missing."""
    try:
        import pygraphviz
    except ImportError:
        raise GraphrunError(
            "diagrams need Graphviz for layout, which is not installed: pip install pygraphviz; "
            "`-o dot` and `-o mmd` work without it"
        ) from None
    boxes = [measure(box) for box in picture.boxes]
    for box in boxes:
        box.width, box.left_column = float(round(box.width)), float(round(box.left_column))
    found = json.loads(pygraphviz.AGraph(string=dot(picture, boxes)).draw(format="json", prog="dot"))
    return _read(found, picture, boxes)


def _read(found: dict[str, Any], picture: Picture, boxes: list[Placed]) -> Layout:
    """The positions found by Graphviz; its y axis points up."""
    _, _, width, height = _numbers(found["bb"])
    layout = Layout(width, height, boxes, [])
    objects = {each["name"]: each for each in found.get("objects", ())}
    for number, box in enumerate(boxes):
        x, y = _numbers(objects[f"n{number}"]["pos"])
        box.x, box.y = x - box.width / 2, height - y - box.height / 2
    for frame in groups(picture.boxes):
        left, low, right, high = _numbers(objects["cluster_" + ".".join(frame)]["bb"])
        layout.frames[frame] = (left, height - high, right - left, high - low)
    curves = {edge["id"]: edge["pos"].split() for edge in found.get("edges", ())}
    for number in range(len(picture.wires)):
        points = [_numbers(point) for point in curves[f"w{number}"]]
        layout.curves.append([(x, height - y) for x, y in points])
    return layout


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]
