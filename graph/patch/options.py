"""Values fixed when a graph is built: node options, and numbers that no cable can drive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.errors import NodeError, did_you_mean
from graph.language.yaml_tree import Mapping, Scalar, Sequence, Tree
from graph.node.ports import In, Option
from graph.node.values import constant

TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""As in YAML 1.2, where `on` and `yes` are plain words."""


def read_option(option: Option, value: Tree, where: str, folder: Path) -> Any:
    """An option's value; NodeError or ExpressionError if it does not fit. File paths are relative to `folder`."""
    if option.items and not isinstance(value, Scalar):
        return option.check(option.items.join(_items(value, where)), where)
    if not isinstance(value, Scalar):
        raise NodeError(f"{where} takes one value, not a list or mapping")
    text = value.text
    if option.choices:
        if text not in option.choices:
            known = ", ".join(option.choices)
            raise NodeError(
                f"{where}: '{text}' is not a choice.{did_you_mean(text, option.choices)} The choices are {known}"
            )
        return text
    if option.value_type is str:
        return str(folder / text) if option.name == "file" and text else text
    if option.value_type is bool:
        if text not in TRUTH:
            raise NodeError(f"{where}: write `true` or `false`, not '{text}'")
        return TRUTH[text]
    return option.check(constant(text, In(unit=option.unit), where), where)


def _items(value: Tree, where: str) -> list[str]:
    """A list as items of text: a nested list is a chord in brackets, a key with its value is `key: value`."""
    if isinstance(value, Sequence):
        found = [f"[{' '.join(_items(i, where))}]" if isinstance(i, Sequence) else i for i in value.items]
        return [text for each in found for text in ([each] if isinstance(each, str) else _items(each, where))]
    if isinstance(value, Mapping):
        if not all(isinstance(entry, Scalar) for _, entry in value.entries):
            raise NodeError(f"{where}: write one value after the key, not a list or mapping")
        return [f"{key.text}: {entry.text}" for key, entry in value.entries if isinstance(entry, Scalar)]
    if not isinstance(value, Scalar):
        raise NodeError(f"{where} has an unreadable item")
    return [value.text]
