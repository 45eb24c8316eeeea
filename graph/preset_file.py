"""Writes a preset into a patch file: the text around it, comments included, stays as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from graph.bundle import find
from graph.errors import GraphrunError, PatchError
from graph.files import PatchFile
from graph.patch import Patch, read_file
from graph.presets import Setting
from graph.yaml_tree import Source, read_source

_NAME = re.compile(r"[^\W\d][\w-]*")
_PLAIN = re.compile(r"[\w.+(][\w .%#*/+()-]*")
_NOT_PLAIN = re.compile(r"[:#]\s|\s#|\s$|^[-+.]?$|:$")


def save_preset(
    path: str, name: str, target: Path, settings: Iterable[Setting], nodes_files: Iterable[str | Path] = ()
) -> int:
    """Writes `settings` as the preset `name` into `target`; how many values that are.

    `target` is the patch itself, another version of it, or a new file that becomes a copy of it. What is
    written is read first, so that a file is never left with a mistake.
    """
    if not _NAME.fullmatch(name):
        raise GraphrunError(f"'{name}' cannot be a preset's name: use letters, digits, - and _")
    if not target.parent.is_dir():
        raise GraphrunError(f"{target}: there is no directory {target.parent}")
    last = {(s.node, s.word): s for s in settings}
    values = {s.path: _text(s, target.parent) for s in last.values()}
    if not values:
        raise GraphrunError("nothing differs from the patch: give values with --set or --preset")
    base = target if target.exists() else find(path)
    source = read_source(base, str(base))
    text = with_preset(source.text, name, values)
    try:
        written = read_file(PatchFile(Source(str(target), text), target, target.parent), nodes_files)
    except PatchError as error:
        raise GraphrunError(f"{target} would not be a patch any more, so it is not written:\n{error}") from None
    _check(written, name, values, target)
    data = text.encode()
    if base.read_bytes().startswith(b"\xef\xbb\xbf"):
        data = b"\xef\xbb\xbf" + data
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
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
        raise GraphrunError(
            f"{target}: its `presets:` are written in a way that cannot be added to; write them in lines"
        )


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def with_preset(text: str, name: str, values: Mapping[str, str]) -> str:
    """`text` with the preset `name`, put in or replaced."""
    newline = "\r\n" if "\r\n" in text else "\n"
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(top, yaml.MappingNode) or top.flow_style:
        raise GraphrunError("a preset can only be put into a patch whose keys have lines of their own")
    presets = _entry(top, "presets")
    if presets is None:
        joint = "" if text.endswith(("\n", "\r")) else newline
        return text + joint + newline.join(["presets:", *_lines(name, values, 2), ""])
    if not isinstance(presets, yaml.MappingNode):
        raise GraphrunError("`presets:` has no lines such as `dark: {filter.cutoff: 400 Hz}`")
    if presets.flow_style:
        old = {key.value: text[value.start_mark.index : value.end_mark.index] for key, value in presets.value}
        entries = ", ".join(f"{key}: {value}" for key, value in {**old, name: _braces(values)}.items())
        return _edited(text, [_Edit(presets.start_mark.index, presets.end_mark.index, "{" + entries + "}")])
    indent = presets.value[0][0].start_mark.column
    old_preset = _entry(presets, name)
    if old_preset is None:
        end = _line_end(text, _end(presets))
        return _edited(text, [_Edit(end, end, newline + newline.join(_lines(name, values, indent)))])
    if not isinstance(old_preset, yaml.MappingNode) or old_preset.flow_style:
        return _edited(text, [_Edit(old_preset.start_mark.index, old_preset.end_mark.index, _braces(values))])
    return _edited(text, _edits(text, old_preset, values, newline))


def _edits(text: str, preset: Any, values: Mapping[str, str], newline: str) -> list[_Edit]:
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
            new = _braces(inner) if inner else None
        else:
            new = _quoted(rest.pop(key.value)) if key.value in rest else None
        if new is None:
            start = text.rfind("\n", 0, key.start_mark.index) + 1
            edits.append(_Edit(start, min(_line_end(text, _end(value)) + len(newline), len(text)), ""))
        elif isinstance(value, yaml.MappingNode) or new != text[value.start_mark.index : value.end_mark.index]:
            edits.append(_Edit(value.start_mark.index, value.end_mark.index, new))
    if rest:
        end = _line_end(text, _end(preset))
        indent = " " * preset.value[0][0].start_mark.column
        edits.append(_Edit(end, end, "".join(f"{newline}{indent}{k}: {_quoted(v)}" for k, v in rest.items())))
    return edits


def _edited(text: str, edits: list[_Edit]) -> str:
    """`text` after all edits."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _entry(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.value if key.value == name), None)


def _end(node: Any) -> int:
    """Where the last value within a node ends; a block's own end mark is behind the comments that follow."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    end: int = node.end_mark.index
    return end


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _lines(name: str, values: Mapping[str, str], indent: int) -> list[str]:
    space = " " * indent
    return [f"{space}{name}:", *(f"{space}  {path}: {_quoted(value)}" for path, value in values.items())]


def _braces(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{path}: {_quoted(value)}" for path, value in values.items()) + "}"


def _quoted(value: str) -> str:
    """A value as YAML reads it as one piece of text."""
    if _PLAIN.fullmatch(value) and not _NOT_PLAIN.search(value):
        return value
    if re.fullmatch(r"-[\d.][\w .%]*", value) and not value.endswith(" "):
        return value
    if "\n" in value:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return "'" + value.replace("'", "''") + "'"
