"""The measured section of nodes/README.md: `tools/docs` keeps it, `tools/bench` writes it."""

from __future__ import annotations

from pathlib import Path

README = Path(__file__).resolve().parents[2] / "nodes" / "README.md"
HEADING = "## CPU cost\n"


def costs(page: str) -> str:
    """Measured section of a page, from its heading to the end; empty if there is none."""
    return "".join(page.partition(f"\n{HEADING}")[1:])


def with_costs(page: str, text: str) -> str:
    """The page with `text` as its measured section."""
    return page.removesuffix(costs(page)) + f"\n{HEADING}\n{text}"
