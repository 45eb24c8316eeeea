"""Python files of nodes that were edited while they play: the next patch that is read gets the new ones."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from graph.node.library import node_packages


def node_files() -> set[Path]:
    """The Python files of the node modules that are in use, with their helpers."""
    files = {getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if _of_nodes(name)}
    return {Path(file).resolve() for file in files if file}


def forget_nodes(changed: Iterable[Path]) -> None:
    """Has all modules of nodes read again when they are next asked for.

    All and not only the changed ones, for a helper in `nodes/dsp` is bound into the files that use it.
    What plays keeps the classes that it has.
    """
    for file in changed:
        with suppress(OSError, NotImplementedError):  # two edits within a second look alike to Python's own cache
            Path(cache_from_source(str(file))).unlink(missing_ok=True)
    for name in [name for name in sys.modules if _of_nodes(name)]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _of_nodes(name: str) -> bool:
    return name.partition(".")[0] in node_packages() or name.startswith("graphrun_nodes_")
