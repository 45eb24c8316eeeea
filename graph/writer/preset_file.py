"""Writes a preset into a patch file; the surrounding text, including comments, is unchanged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from graph.errors import GraphrunError
from graph.language.source import read_source
from graph.patch.bundle import find
from graph.patch.patch import Patch
from graph.patch.presets import Setting
from graph.writer.yaml_edit import (
    Edit,
    braces,
    edited,
    end_of,
    entry,
    keys_of,
    line_end,
    newline_of,
    quoted,
    read_text,
    write_text,
)

_NAME = re.compile(r"[^\W\d][\w-]*")


def save_preset(
    path: str, name: str, target: Path, settings: Iterable[Setting], nodes_files: Iterable[str | Path] = ()
) -> int:
    """Writes `settings` as the preset `name` into `target`; returns the number of values.

    `target` is the patch itself, another version of it, or a new file that becomes a copy of it. What is
    written is validated first, so the file never ends up with an error.
    """
    if not _NAME.fullmatch(name):
        raise GraphrunError(f"'{name}' is not a valid preset name: use letters, digits, - and _")
    if not target.parent.is_dir():
        raise GraphrunError(f"{target}: there is no directory {target.parent}")
    last = {(s.node, s.word): s for s in settings}
    values = {s.path: _text(s, target.parent) for s in last.values()}
    if not values:
        raise GraphrunError("nothing to save: no value differs from the patch; set values with --set or --preset")
    base = target if target.exists() else find(path)
    source = read_source(base, str(base))
    text = with_preset(source.text, name, values)
    written = read_text(text, target, nodes_files)
    _check(written, name, values, target)
    write_text(text, target, base)
    return len(values)


def _text(setting: Setting, folder: Path) -> str:
    """A value as it stands in a file of `folder`."""
    if setting.word == "file" and setting.word in setting.node.options and setting.value:
        try:
            return Path(os.path.relpath(setting.value, folder)).as_posix()
        except ValueError:  # another drive
            return str(setting.value)
    return setting.text


def _check(written: Patch, name: str, values: Mapping[str, str], target: Path) -> None:
    found = {s.path: _text(s, target.parent) for s in written.presets.get(name, [])}
    if found != dict(values):
        raise GraphrunError(f"{target}: cannot add to its `presets:`; write each preset on its own line")


def with_preset(text: str, name: str, values: Mapping[str, str]) -> str:
    """`text` with the preset `name`, put in or replaced."""
    newline = newline_of(text)
    top = keys_of(text)
    presets = entry(top, "presets")
    if presets is None:
        joint = "" if text.endswith(("\n", "\r")) else newline
        return text + joint + newline.join(["presets:", *_lines(name, values, 2), ""])
    if not isinstance(presets, yaml.MappingNode):
        raise GraphrunError("`presets:` must hold lines such as `dark: {filter.cutoff: 400 Hz}`")
    if presets.flow_style:
        old = {key.value: text[value.start_mark.index : value.end_mark.index] for key, value in presets.value}
        entries = ", ".join(f"{key}: {value}" for key, value in {**old, name: braces(values)}.items())
        return edited(text, [Edit(presets.start_mark.index, presets.end_mark.index, "{" + entries + "}")])
    indent = presets.value[0][0].start_mark.column
    old_preset = entry(presets, name)
    if old_preset is None:
        end = line_end(text, end_of(presets))
        return edited(text, [Edit(end, end, newline + newline.join(_lines(name, values, indent)))])
    if not isinstance(old_preset, yaml.MappingNode) or old_preset.flow_style:
        return edited(text, [Edit(old_preset.start_mark.index, old_preset.end_mark.index, braces(values))])
    return edited(text, _edits(text, old_preset, values, newline))


def _edits(text: str, preset: Any, values: Mapping[str, str], newline: str) -> list[Edit]:
    """A preset in lines: values are replaced where they stand, the rest is put below or taken out."""
    rest = dict(values)
    edits = []
    for key, value in preset.value:
        if isinstance(value, yaml.MappingNode):
            inner = {path[len(key.value) + 1 :]: v for path, v in rest.items() if path.startswith(f"{key.value}.")}
            rest = {path: v for path, v in rest.items() if not path.startswith(f"{key.value}.")}
            if inner and not value.flow_style:
                edits += _edits(text, value, inner, newline)
                continue
            new = braces(inner) if inner else None
        else:
            new = quoted(rest.pop(key.value)) if key.value in rest else None
        if new is None:
            start = text.rfind("\n", 0, key.start_mark.index) + 1
            edits.append(Edit(start, min(line_end(text, end_of(value)) + len(newline), len(text)), ""))
        elif isinstance(value, yaml.MappingNode) or new != text[value.start_mark.index : value.end_mark.index]:
            edits.append(Edit(value.start_mark.index, value.end_mark.index, new))
    if rest:
        end = line_end(text, end_of(preset))
        indent = " " * preset.value[0][0].start_mark.column
        edits.append(Edit(end, end, "".join(f"{newline}{indent}{k}: {quoted(v)}" for k, v in rest.items())))
    return edits


def _lines(name: str, values: Mapping[str, str], indent: int) -> list[str]:
    space = " " * indent
    return [f"{space}{name}:", *(f"{space}  {path}: {quoted(value)}" for path, value in values.items())]
