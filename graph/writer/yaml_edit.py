"""Edits to a patch's text that leave the rest, including comments, unchanged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from graph.errors import GraphrunError, PatchError
from graph.language.source import SourceText
from graph.patch.files import PatchFile
from graph.patch.patch import Patch, read_file

_PLAIN = re.compile(r"[\w.+(][\w .%#*/+()-]*")
_NOT_PLAIN = re.compile(r"[:#]\s|\s#|\s$|^[-+.]?$|:$")


@dataclass(frozen=True)
class Edit:
    """Replaces the characters from `start` to `end` with `text`."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all edits applied."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def keys_of(text: str) -> Any:
    """The patch's top-level mapping as a PyYAML node with source positions; GraphrunError if it is in braces."""
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(top, yaml.MappingNode) or top.flow_style:
        raise GraphrunError("cannot add to this patch: write each of its keys on its own line")
    return top


def newline_of(text: str) -> str:
    """The line ending used in the text."""
    return "\r\n" if "\r\n" in text else "\n"


def entry(mapping: Any, name: str) -> Any:
    """The value of a key, or None."""
    return next((value for key, value in mapping.value if key.value == name), None)


def end_of(node: Any) -> int:
    """The end of the last value in a node; a block's own end mark comes after trailing comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    return end


def line_end(text: str, index: int) -> int:
    """The end of the line that contains `index`."""
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def added(text: str, mapping: Any, key: str, value: str) -> Edit:
    """The edit that appends an entry to a mapping, in its own style (lines or braces)."""
    end = end_of(mapping.value[-1][1])
    if mapping.flow_style:
        return Edit(end, end, f", {key}: {value}")
    end = line_end(text, end)
    return Edit(end, end, f"{newline_of(text)}{' ' * mapping.value[0][0].start_mark.column}{key}: {value}")


def braces(values: Mapping[str, str]) -> str:
    """A mapping in one line."""
    return "{" + ", ".join(f"{path}: {quoted(value)}" for path, value in values.items()) + "}"


def quoted(value: str) -> str:
    """A value quoted as needed for YAML to read it as one piece of text."""
    if _PLAIN.fullmatch(value) and not _NOT_PLAIN.search(value):
        return value
    if re.fullmatch(r"-[\d.][\w .%]*", value) and not value.endswith(" "):
        return value
    if "\n" in value:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return "'" + value.replace("'", "''") + "'"


def read_text(text: str, target: Path, nodes_files: Iterable[str | Path] = ()) -> Patch:
    """Parses `text` as the new content of `target`; GraphrunError if it is not a valid patch."""
    try:
        return read_file(PatchFile(SourceText(str(target), text), target, target.parent), nodes_files)
    except PatchError as error:
        raise GraphrunError(
            f"{target} was not written, because it would no longer be a valid patch:\n{error}"
        ) from None


def write_text(text: str, target: Path, base: Path) -> None:
    """Writes a patch atomically, with a byte-order mark if `base` has one."""
    data = text.encode()
    if base.read_bytes().startswith(b"\xef\xbb\xbf"):
        data = b"\xef\xbb\xbf" + data
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
