"""Node reference generated from declarations: tables, pages, and an example of each node."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph.errors import GraphrunError
from graph.language.units import ANY
from graph.node.node import Node, snake_case
from graph.node.ports import In, Option, Out

FAMILIES = (
    *("Notes and time", "Oscillators", "Physical models", "Drums", "Samples", "Modulation", "Filters", "Dynamics"),
    *("Drive", "Effects", "Space", "Mixing", "Measuring", "Arithmetic"),
)
PLAYED = ("Oscillators", "Physical models", "Drums", "Samples", "Modulation")
"""Families of nodes that a voice plays."""

AROUND = """\
  beat:   {node: Transport}
  keys:   {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys}
  osc:    {node: Saw}
  other:  {node: Noise}
"""
"""Nodes that surround every example."""

_VOICE_PORTS = ("gate", "trigger", "freq", "velocity")
_SIGNALS = ("osc", "other")
_FILES = {"Notes and time": "song.mid"}
"""Example `file` of a family whose files are not audio."""
_NEEDS_QUOTES = re.compile(r"[^\w .+/-]")
_WIDTH = 110


def family(cls: type[Node]) -> str:
    """Declared family, or one derived from the ports."""
    if cls.family:
        return cls.family
    ports = [*cls.ins().values(), *cls.outs().values()]
    if any(port.kind != "signal" and not getattr(port, "optional", False) for port in ports):
        return "Notes and time"
    return "Effects" if any(_wanted(port) for port in cls.ins().values()) else "Oscillators"


def families(classes: Iterable[type[Node]]) -> dict[str, list[type[Node]]]:
    """Classes by family, in the order of `FAMILIES`, alphabetically within each."""
    found: dict[str, list[type[Node]]] = {name: [] for name in FAMILIES}
    for cls in sorted(classes, key=lambda cls: cls.__name__):
        found.setdefault(family(cls), []).append(cls)
    return {name: members for name, members in found.items() if members}


def summary(cls: type[Node]) -> str:
    """First line of the docstring."""
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def example(cls: type[Node]) -> str:
    """Patch line with the node and its main ports connected; it loads together with `AROUND`."""
    words = [f"node: {cls.__name__}"]
    signals = iter(_SIGNALS)
    numbers = 0
    played = family(cls) in PLAYED and "rate" not in cls.ins()
    for key, port in cls.ins().items():
        if _wanted(port):
            names = {"events": "keys", "clock": "beat"}
            voice = f"voices.{key}" if key in _VOICE_PORTS else ""
            words.append(f"{key}: {voice or names.get(port.kind) or next(signals, 'osc')}")
        elif played and key in _VOICE_PORTS:
            words.append(f"{key}: voices.{key}")
        elif port.kind == "signal" and port.default is not None and numbers < 3:
            numbers += 1
            words.append(f"{key}: {quantity(port.default, port.unit)}")
    texts = 0
    for key, option in _options(cls).items():
        if option.value_type is str and not option.choices:
            text = _FILES.get(family(cls), "sound.wav") if key == "file" else option.default
            good_without = _readable(cls, key, "") if key == "file" else not (text and _readable(cls, key, text))
            if good_without:
                continue
            words.append(f"{key}: {json.dumps(text) if _NEEDS_QUOTES.search(text) else text}")
        elif (option.choices or option.value_type is int) and texts < 1:
            texts += 1
            words.append(f"{key}: {option.default}")
    return f"{snake_case(cls.__name__)}: {{{', '.join(words)}}}"


def _readable(cls: type[Node], key: str, text: str) -> bool:
    """Whether a node accepts a text."""
    try:
        cls(**{key: text}).validate()
    except GraphrunError:
        return False
    return True


def quantity(value: float, unit: str) -> str:
    """Number in readable form: 0.01 s is `10 ms`."""
    if unit == "Hz" and abs(value) >= 1000:
        return f"{value / 1000:.6g} kHz"
    if unit == "s" and 0 < abs(value) < 0.9995:
        return f"{value * 1000:.6g} ms"
    if abs(value) >= 1e6 and float(value).is_integer():
        return f"{value:.0f} {unit}".strip()
    return f"{value:.6g} {unit}" if unit not in ("", ANY) else f"{value:.6g}"


def limits(port: In | Option) -> str:
    """Range of a port or option, or its choices."""
    if isinstance(port, Option) and port.choices:
        return ", ".join(port.choices)
    if port.min is None and port.max is None:
        return ""
    low, high = (None if end is None else quantity(end, port.unit) for end in (port.min, port.max))
    return f"{low} .. {high}" if low and high else f"at least {low}" if low else f"at most {high}"


def rows(cls: type[Node]) -> list[dict[str, str]]:
    """Reference rows of the inputs, options and outputs."""
    found = []
    for key, field in cls.fields.items():
        if isinstance(field, In):
            kind = "input" if field.kind == "signal" else f"input, {field.kind}"
            default = "" if field.default is None else quantity(field.default, field.unit)
            found.append(_row(key, kind, field.unit, default, limits(field), field.doc))
        elif isinstance(field, Option):
            default = str(field.default).lower() if field.value_type is bool else str(field.default)
            found.append(_row(key, "option", field.unit, default, limits(field), field.doc))
    for key, out in cls.outs().items():
        kind = "output" if out.kind == "signal" else f"output, {out.kind}"
        found.append(_row(key, kind, out.unit, "", _width(out), out.doc))
    return found


def table(classes: Iterable[type[Node]]) -> str:
    """All nodes by family, one per line."""
    lines = []
    for name, members in families(classes).items():
        lines += [name, *(f"  {cls.__name__:16} {summary(cls)}" for cls in members), ""]
    return "\n".join([*lines, "`graphrun nodes NAME` shows one in detail."])


def page(cls: type[Node]) -> str:
    """Reference page of one node, for a terminal."""
    text = [f"{cls.__name__} ({family(cls)})", "", *_wrapped(inspect.getdoc(cls) or ""), "", f"    {example(cls)}", ""]
    columns = ("name", "kind", "unit", "default", "range")
    lines = [[row[column] for column in columns] for row in rows(cls)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    beside = sum(widths) + 2 * len(widths) + 2
    for line, row in zip(lines, rows(cls), strict=True):
        cells = "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + "  "
        if beside <= _WIDTH // 2:
            text += textwrap.wrap(cells + row["doc"], _WIDTH, subsequent_indent=" " * beside, drop_whitespace=True)
        else:
            text += [
                cells.rstrip(),
                *textwrap.wrap(row["doc"], _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8),
            ]
    for kind, names in cls.bundled().items():
        text += ["", f"{len(names)} bundled {kind}:"]
        text += textwrap.wrap(", ".join(names), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(text)


def described(cls: type[Node]) -> dict[str, Any]:
    """Reference data of one node, for programs."""
    return {
        "node": cls.__name__,
        "family": family(cls),
        "doc": inspect.getdoc(cls) or "",
        "example": example(cls),
        "ports": rows(cls),
        "bundled": {kind: list(names) for kind, names in cls.bundled().items()},
    }


def markdown(classes: Sequence[type[Node]], figures: Mapping[str, tuple[str, str]] | None = None) -> str:
    """Whole reference as a document.

    figures   by the name of a node: the path of its figure and what it shows
    """
    lines = [
        "# Nodes",
        "",
        "Generated by `tools/docs` from the class bodies; `graphrun nodes NAME` prints the same.",
        "",
    ]
    for name, members in families(classes).items():
        lines += [f"## {name}", "", "| node | description |", "|---|---|"]
        lines += [f"| [{cls.__name__}](#{cls.__name__.lower()}) | {_cell(summary(cls))} |" for cls in members] + [""]
    for members in families(classes).values():
        for cls in members:
            lines += [f"### {cls.__name__}", "", inspect.getdoc(cls) or "", "", "```yaml", example(cls), "```", ""]
            if figures and cls.__name__ in figures:
                path, shows = figures[cls.__name__]
                lines += [f"![{shows}]({path})", "", f"*{shows}.*", ""]
            lines += ["| port | kind | unit | default | range | |", "|---|---|---|---|---|---|"]
            for row in rows(cls):
                lines.append("| " + " | ".join([f"`{row['name']}`", *(_cell(row[c]) for c in _COLUMNS)]) + " |")
            lines.append("")
    return "\n".join(lines)


_COLUMNS = ("kind", "unit", "default", "range", "doc")


def _row(name: str, kind: str, unit: str, default: str, limits: str, doc: str) -> dict[str, str]:
    return {"name": name, "kind": kind, "unit": unit, "default": default, "range": limits, "doc": doc}


def _options(cls: type[Node]) -> dict[str, Option]:
    return {key: field for key, field in cls.fields.items() if isinstance(field, Option)}


def _wanted(port: In) -> bool:
    return port.default is None and not port.optional


def _width(out: Out) -> str:
    said = [f"{count} {word}" for count, word in ((out.voices, "voices"), (out.channels, "channels")) if count]
    return ", ".join(text.replace("1 voices", "1 voice").replace("1 channels", "1 channel") for text in said)


def _wrapped(doc: str) -> list[str]:
    return [line for part in doc.split("\n\n") for line in (*textwrap.wrap(part, _WIDTH), "")][:-1]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
