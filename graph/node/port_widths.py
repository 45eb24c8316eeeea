"""How the widths of a node's ports relate, for the loop that is generated around `@per_sample`."""

from __future__ import annotations

from collections.abc import Mapping

from graph.node.ports import Field, In, Out


def mixed(fields: Mapping[str, Field]) -> bool:
    """Whether some inputs have fewer voices or channels than others."""
    return len({(field.voices, field.channels) for field in fields.values() if isinstance(field, In)}) > 1


def fit(fields: Mapping[str, Field]) -> bool:
    """Whether every port has the node's width, but for inputs of one voice or one channel."""
    ins = [field for field in fields.values() if isinstance(field, In)]
    outs = [field for field in fields.values() if isinstance(field, Out)]
    for count in ("voices", "channels"):
        wide = {getattr(port, count) for port in ins} or {None}
        wide = wide - {1} or wide
        if len(wide) > 1 or not {getattr(port, count) for port in outs} <= wide | {None}:
            return False
    return True
