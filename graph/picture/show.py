"""Writes the diagram of a graph as SVG, PNG, Graphviz dot or Mermaid, according to the file suffix."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from graph.errors import GraphrunError
from graph.model.net import Net
from graph.picture.drawing import draw, png, svg
from graph.picture.layout import COLORS, dot, place, stroke
from graph.picture.picture import Box, Picture, groups, picture

FORMATS = ("svg", "png", "dot", "mmd")


def show(graph: Net, path: str | PathLike[str]) -> None:
    """Draws `graph` to a file: .svg, .png, .dot or .mmd."""
    file = Path(path)
    kind = file.suffix[1:].lower()
    if kind not in FORMATS:
        raise GraphrunError(
            f"{file}: unsupported file type; use a name ending in {', '.join(f'.{each}' for each in FORMATS)}"
        )
    shown = picture(graph)
    if kind == "dot":
        text = dot(shown)
    elif kind == "mmd":
        text = mermaid(shown)
    else:
        drawing = draw(shown, place(shown))
        if kind == "png":
            png(drawing, file)
            return
        text = svg(drawing)
    file.write_text(text, encoding="utf-8", newline="\n")


def svg_text(graph: Net) -> str:
    """The diagram as the text of an SVG file."""
    shown = picture(graph)
    return svg(draw(shown, place(shown)))


def mermaid(shown: Picture) -> str:
    """The diagram in Mermaid's language."""
    keys = {box.key: f"n{number}" for number, box in enumerate(shown.boxes)}
    small = {box.key for box in shown.boxes if box.small}
    lines = ["---", f"title: {_quoted(shown.name)}", "---"] if shown.name else []
    lines.append("flowchart LR")
    lines += [f"  {_node(box, keys)}" for box in shown.boxes if not box.group]
    frames = list(groups(shown.boxes))
    for frame in frames:
        if len(frame) == 1:
            lines += _subgraph(frame, frames, shown, keys)
    for wire in shown.wires:
        name = f"|{_quoted(wire.input)}|" if wire.target not in small else ""
        lines.append(f"  {keys[wire.source]} -->{name} {keys[wire.target]}")
    for number, wire in enumerate(shown.wires):
        style = f"stroke:{COLORS[wire.kind]},stroke-width:{stroke(wire.lanes):.1f}px"
        lines.append(f"  linkStyle {number} {style}")
    return "\n".join([*lines, ""])


def _subgraph(frame: tuple[str, ...], frames: list[tuple[str, ...]], shown: Picture, keys: dict[str, str]) -> list[str]:
    lines = [f"  subgraph {'_'.join(('p', *frame))} [{_quoted(frame[-1])}]"]
    lines += [f"    {_node(box, keys)}" for box in shown.boxes if box.group == frame]
    for inner in frames:
        if len(inner) == len(frame) + 1 and inner[:-1] == frame:
            lines += [f"  {line}" for line in _subgraph(inner, frames, shown, keys)]
    return [*lines, "  end"]


def _node(box: Box, keys: dict[str, str]) -> str:
    if box.small:
        return f"{keys[box.key]}([{_quoted(box.title)}])"
    given = [f"{port.key} {port.value}" for port in box.ins if port.value and port.given]
    rows = [f"<b>{_safe(box.title)}</b> {_safe(box.subtitle)}", *map(_safe, given)]
    return f'{keys[box.key]}["{"<br/>".join(rows)}"]'


def _quoted(text: str) -> str:
    return f'"{_safe(text)}"'


def _safe(text: str) -> str:
    """Escapes text for Mermaid, whose entities omit the ampersand."""
    marks = {'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\n": " "}
    return "".join(marks.get(letter, letter) for letter in text)
