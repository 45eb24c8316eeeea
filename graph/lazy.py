"""Lazy re-exports: a package imports public names on first use (PEP 562), which keeps its own import fast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from graph.errors import FORMER


def lazily(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: `places` maps each public name to the module that defines it."""

    def find(name: str) -> Any:
        if name in places:
            found = getattr(import_module(places[name]), name)
            setattr(sys.modules[package], name, found)  # from now on an attribute like any other
            return found
        if FORMER.get(name) in dir(sys.modules[package]) or FORMER.get(name) in places:
            raise ImportError(f"'{package}.{name}' is now '{package}.{FORMER[name]}'")  # `import` hides other errors
        raise AttributeError(f"module '{package}' has no attribute '{name}'")

    return find
