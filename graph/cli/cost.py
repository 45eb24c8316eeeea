"""CPU time per node, for `--verbose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.engine.engine import Engine


def cpu_by_node(engine: Engine) -> dict[str, float]:
    """Each node's share of the CPU time in the latest measured blocks, highest first; they sum to 1."""
    cycles = engine.cycles()
    total = sum(cycles.values()) or 1
    return {name: round(cycles[name] / total, 4) for name in sorted(cycles, key=cycles.__getitem__, reverse=True)}


def print_cpu(shares: dict[str, float]) -> None:
    """The nodes of `cpu_by_node` that together use 95 % of the time, one per line."""
    shown = 0.0
    for name, share in shares.items():
        if shown > 0.95:
            break
        shown += share
        print(f"{share:7.1%}  {name}")
