"""The built-in nodes: one class a file, the file named after the class in snake case.

`from nodes import LowPass` finds `nodes/low_pass.py`; there is no list to keep.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from graph.node import snake_case


def __getattr__(name: str) -> Any:
    module = f"{__name__}.{snake_case(name)}"
    if not name[:1].isupper() or find_spec(module) is None:
        raise AttributeError(f"there is no node '{name}'")
    return getattr(import_module(module), name)
