"""The notebook in patches/examples runs from top to bottom, in a kernel of its own, and shows what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
import soundfile
from conftest import ROOT
from nbclient import NotebookClient

from graph.native.functions import PLAIN

NOTEBOOK = ROOT / "patches" / "examples" / "first_sounds.ipynb"


@pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play")
def test_the_notebook_builds_shows_plays_changes_hears_plots_and_schedules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) == 12
    shown = [shown_by(cell) for cell in cells]
    assert "<svg" in shown[3]["image/svg+xml"]  # the graph
    assert "'filter'" in shown[4]["text/plain"]
    assert shown[5]["text/plain"].startswith("((96000, 1), 0.")
    assert "<audio" in shown[6]["text/html"]
    assert "image/png" in shown[7]
    assert shown[9]["text/plain"].startswith(("1200.0", "3000.0"))  # gliding, or there
    assert int(shown[10]["text/plain"]) > 0  # events heard while the notes were scheduled
    assert "dropouts" in cells[11].outputs[0].text
    assert soundfile.info(tmp_path / "first_sounds.wav").frames == 96_000
    assert (tmp_path / "first_sounds.yaml").exists()


def shown_by(cell: Any) -> dict[str, str]:
    """What the last expression of a cell displays, by kind."""
    return next((output.data for output in reversed(cell.outputs) if "data" in output), {})
