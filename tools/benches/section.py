"""The part of nodes/README.md that is measured and not declared: `tools/docs` keeps it, `tools/bench` writes it."""

from __future__ import annotations

from pathlib import Path

README = Path(__file__).resolve().parents[2] / "nodes" / "README.md"
HEADING = "## What they cost\n"


def costs(page: str) -> str:
    """The measured part of a page, if it has one: from its heading to the end."""
    return "".join(page.partition(f"\n{HEADING}")[1:])


def with_costs(page: str, text: str) -> str:
    """The page with `text` as its measured part."""
    return page.removesuffix(costs(page)) + f"\n{HEADING}\n{text}"
