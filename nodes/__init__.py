"""The built-in nodes: one class per file, named after the class in snake case.

`from nodes import LowPass` imports `nodes/low_pass.py`; there is no registry. `from nodes import *` imports all.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from graph import snake_case
from graph.errors import FORMER, did_you_mean


def __dir__() -> list[str]:
    """The names of all nodes, from the names of their files: none is imported for it."""
    stems = [module.name for module in iter_modules(__path__) if not module.ispkg]
    return sorted("".join(word.capitalize() for word in stem.split("_")) for stem in stems)


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return __dir__()
    module = f"{__name__}.{snake_case(name)}"
    if FORMER.get(name) in __dir__():
        raise ImportError(f"'{__name__}.{name}' is now '{__name__}.{FORMER[name]}'")
    if not name[:1].isupper() or find_spec(module) is None:
        raise AttributeError(f"there is no node '{name}'.{did_you_mean(name, __dir__())}".rstrip("."))
    return getattr(import_module(module), name)
