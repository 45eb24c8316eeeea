"""Reloads edited Python files of nodes: the next patch that is read uses the new code."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from graph.node.library import node_packages


def node_files() -> set[Path]:
    """The Python files of the imported node modules and their helpers."""
    files = {getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if _of_nodes(name)}
    return {Path(file).resolve() for file in files if file}


def forget_nodes(changed: Iterable[Path]) -> None:
    """Unloads all node modules, so that the next import reads them again.

    All of them, because a helper in `nodes/dsp` is bound by name into the files that use it.
    The playing graph keeps its classes.
    """
    for file in changed:
        with suppress(OSError, NotImplementedError):  # Python's cache cannot tell apart two edits within a second
            Path(cache_from_source(str(file))).unlink(missing_ok=True)
    for name in [name for name in sys.modules if _of_nodes(name)]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _of_nodes(name: str) -> bool:
    return name.partition(".")[0] in node_packages() or name.startswith("graphrun_nodes_")
