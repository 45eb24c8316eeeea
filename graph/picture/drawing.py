"""Turns a diagram with its layout into shapes, and the shapes into SVG or PNG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TypeAlias

from graph.errors import GraphrunError
from graph.picture.layout import COLORS, FONT, GAP, PAD, ROW, TITLE, Layout, Placed, stroke, text_width
from graph.picture.picture import Picture, Pin

INK, GRAY, LINE, PAPER = "#1b2733", "#6b7785", "#8a97a6", "#ffffff"
VALUE, FAINT = "#8a3b12", "#a3adb8"
TINTS = {"signal": "#e6eef8", "events": "#fdebda", "clock": "#e2f3e6"}
FRAME = "#f5f6f8"
MARGIN = 16.0
FAMILY = "Helvetica, Arial, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Rectangle:
    """A box with rounded corners; `top_only` rounds only the upper two."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str
    stroke: str = "none"
    top_only: bool = False


@dataclass(frozen=True)
class Curve:
    """A Bezier curve: a start point, then three points per segment."""

    points: tuple[tuple[float, float], ...]
    color: str
    width: float


@dataclass(frozen=True)
class Circle:
    """A disc; a ring if `fill` is white."""

    x: float
    y: float
    radius: float
    fill: str
    stroke: str


@dataclass(frozen=True)
class Label:
    """Text; `x` is its left edge, center or right edge according to `anchor`, `y` its baseline."""

    x: float
    y: float
    text: str
    color: str = INK
    size: float = FONT
    bold: bool = False
    anchor: str = "start"


Shape: TypeAlias = "Rectangle | Curve | Circle | Label"


@dataclass
class Drawing:
    """Shapes on a page, back to front."""

    width: float
    height: float
    title: str
    shapes: list[Shape]


def draw(picture: Picture, layout: Layout) -> Drawing:
    """The shapes of a diagram, back to front."""
    head = 26.0 if picture.name else 0.0
    legend = _legend(picture)
    width = max(layout.width, _right(legend), text_width(picture.name, 14, bold=True)) + 2 * MARGIN
    height = layout.height + head + 2 * MARGIN + 26
    dx, dy = MARGIN, MARGIN + head
    shapes: list[Shape] = [Rectangle(0, 0, width, height, 0, PAPER)]
    if picture.name:
        shapes.append(Label(MARGIN, MARGIN + 13, picture.name, size=14, bold=True))
    for frame, (x, y, w, h) in layout.frames.items():
        shapes.append(Rectangle(x + dx, y + dy, w, h, 8, FRAME if len(frame) % 2 else PAPER, LINE))
        shapes.append(Label(x + dx + PAD, y + dy + 15, frame[-1], GRAY, bold=True))
    cables: dict[tuple[str, str], list[Curve]] = {}
    for wire, points in zip(picture.wires, layout.curves, strict=True):
        curve = Curve(tuple((x + dx, y + dy) for x, y in points), COLORS[wire.kind], stroke(wire.lanes))
        cables.setdefault((wire.source, wire.output), []).append(curve)
    for curves in sorted(cables.values(), key=lambda each: -each[0].width):
        # An outline separates crossing cables; cables of one port belong together.
        shapes += [replace(curve, color=PAPER, width=curve.width + 2.4) for curve in curves] + curves
    for box in layout.boxes:
        shapes += _small(box, dx, dy) if box.box.small else _box(box, dx, dy)
    return Drawing(width, height, picture.name, shapes + [_moved(shape, MARGIN, height - MARGIN) for shape in legend])


def _small(placed: Placed, dx: float, dy: float) -> list[Shape]:
    box, x, y = placed.box, placed.x + dx, placed.y + dy
    fill, ink = (INK, PAPER) if box.small and box.title == "out" else (PAPER, INK)
    middle = Label(x + placed.width / 2, y + placed.height / 2 + 4, box.title, ink, bold=True, anchor="middle")
    return [Rectangle(x, y, placed.width, placed.height, placed.height / 2, fill, INK), middle]


def _box(placed: Placed, dx: float, dy: float) -> list[Shape]:
    box, x, y = placed.box, placed.x + dx, placed.y + dy
    shapes: list[Shape] = [
        Rectangle(x, y, placed.width, placed.height, 6, PAPER, LINE),
        Rectangle(x + 0.5, y + 0.5, placed.width - 1, TITLE - 4, 5.5, TINTS[box.kind], top_only=True),
        Label(x + PAD, y + 15, box.title, bold=True),
        Label(x + PAD + text_width(box.title, bold=True) + GAP / 2, y + 15, box.subtitle, GRAY),
    ]
    for number, (key, value) in enumerate(box.notes):
        line = y + TITLE + ROW * (number + 0.5) + 4
        shapes += [Label(x + PAD, line, key, GRAY), Label(x + PAD + text_width(f"{key} "), line, value)]
    for port in box.ins:
        line = y + placed.pin("i", port.key)
        shapes.append(_pin(x, line, port))
        shapes.append(Label(x + PAD, line + 4, port.key, INK if port.given else GRAY))
        if port.value:
            shapes.append(
                Label(x + PAD + text_width(port.key) + GAP / 2, line + 4, port.value, VALUE if port.given else FAINT)
            )
    for port in box.outs:
        line = y + placed.pin("o", port.key)
        shapes.append(_pin(x + placed.width, line, port))
        if not box.through:
            ink = INK if port.used else GRAY
            shapes.append(Label(x + placed.width - PAD, line + 4, port.key, ink, anchor="end"))
    return shapes


def _pin(x: float, y: float, port: Pin) -> Circle:
    color = COLORS[port.kind]
    return Circle(x, y, 3.2, color, color) if port.used else Circle(x, y, 2.4, PAPER, color)


def _legend(picture: Picture) -> list[Shape]:
    """The legend for the kinds present, starting at the left on a line at 0."""
    shapes: list[Shape] = []
    x = 0.0
    kinds = [(kind, kind, 1) for kind in COLORS if any(wire.kind == kind for wire in picture.wires)]
    wide = sorted({wire.lanes for wire in picture.wires if wire.lanes > 1})
    kinds += [("signal", f"{lanes} lanes", lanes) for lanes in wide[:-1]]
    kinds += [("signal", f"{lanes} lanes (voices x channels)", lanes) for lanes in wide[-1:]]
    for kind, text, lanes in kinds:
        shapes.append(Curve(((x, -4), (x + 8, -4), (x + 16, -4), (x + 24, -4)), COLORS[kind], stroke(lanes)))
        shapes.append(Label(x + 30, 0, text, GRAY))
        x += 30 + text_width(text) + GAP
    return shapes


def _right(legend: list[Shape]) -> float:
    return max((each.x + text_width(each.text) for each in legend if isinstance(each, Label)), default=0.0)


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Curve):
        return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
    return replace(shape, x=shape.x + dx, y=shape.y + dy)


def svg(drawing: Drawing) -> str:
    """The drawing as an SVG document."""
    width, height = f"{drawing.width:.0f}", f"{drawing.height:.0f}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FAMILY}" font-size="{FONT:g}" fill="{INK}">',
        f"<title>{_escaped(drawing.title or 'graph')}</title>",
    ]
    return "\n".join([*lines, *(_svg(shape) for shape in drawing.shapes), "</svg>", ""])


def _svg(shape: Shape) -> str:
    if isinstance(shape, Rectangle):
        x, y, w, h, r = (f"{each:.1f}" for each in (shape.x, shape.y, shape.width, shape.height, shape.radius))
        line = f' stroke="{shape.stroke}"' if shape.stroke != "none" else ""
        if not shape.top_only:
            return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{shape.fill}"{line}/>'
        across, down = f"{shape.width - 2 * shape.radius:.1f}", f"{shape.height - shape.radius:.1f}"
        path = (
            f"M{x} {shape.y + shape.height:.1f}v-{down}a{r} {r} 0 0 1 {r} -{r}h{across}a{r} {r} 0 0 1 {r} {r}v{down}z"
        )
        return f'<path d="{path}" fill="{shape.fill}"/>'
    if isinstance(shape, Circle):
        center = f'cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:g}"'
        return f'<circle {center} fill="{shape.fill}" stroke="{shape.stroke}"/>'
    if isinstance(shape, Curve):
        start, *rest = [f"{x:.1f} {y:.1f}" for x, y in shape.points]
        width = f"{shape.width:g}"
        return f'<path d="M{start}C{" ".join(rest)}" fill="none" stroke="{shape.color}" stroke-width="{width}"/>'
    more = ' font-weight="bold"' if shape.bold else ""
    more += f' font-size="{shape.size:g}"' if shape.size != FONT else ""
    more += f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
    more += f' fill="{shape.color}"' if shape.color != INK else ""
    return f'<text x="{shape.x:.1f}" y="{shape.y:.1f}"{more}>{_escaped(shape.text)}</text>'


def _escaped(text: str) -> str:
    """Text for XML, which does not allow control characters."""
    return escape("".join(letter if letter.isprintable() else " " for letter in text))


def png(drawing: Drawing, file: Path) -> None:
    """Writes the drawing as a PNG at double size; GraphrunError with the install command if Matplotlib is missing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Circle as Disc
        from matplotlib.patches import FancyBboxPatch, Patch, PathPatch
        from matplotlib.path import Path as Way
    except ImportError:
        raise GraphrunError(
            "PNG output needs Matplotlib, which is not installed: pip install 'graphrun[plot]'"
        ) from None
    figure = Figure((drawing.width / 72, drawing.height / 72), dpi=144)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    axes.axis("off")
    for layer, shape in enumerate(drawing.shapes):
        if isinstance(shape, Label):
            align = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
            weight = "bold" if shape.bold else "normal"
            axes.text(
                shape.x, shape.y, shape.text, color=shape.color, fontsize=shape.size, fontweight=weight,
                family="DejaVu Sans", ha=align, va="baseline", zorder=layer, parse_math=False,
            )  # fmt: skip
            continue
        if isinstance(shape, Curve):
            codes = [Way.MOVETO, *[Way.CURVE4] * (len(shape.points) - 1)]
            patch: Patch = PathPatch(
                Way(shape.points, codes), fc="none", ec=shape.color, lw=shape.width, capstyle="butt"
            )
        elif isinstance(shape, Circle):
            patch = Disc((shape.x, shape.y), shape.radius, fc=shape.fill, ec=shape.stroke)
        else:
            radius = min(shape.radius, shape.height / 2)
            style = f"round,pad=0,rounding_size={radius}" if radius else "square,pad=0"
            where = (shape.x, shape.y)
            patch = FancyBboxPatch(where, shape.width, shape.height, style, fc=shape.fill, ec=shape.stroke, lw=1)
        patch.set_zorder(layer)
        axes.add_patch(patch)
    figure.savefig(file, format="png")
