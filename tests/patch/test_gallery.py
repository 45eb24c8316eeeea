"""The gallery shows every bundled patch with its length, a sentence and a diagram."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

PATCHES = sorted((ROOT / "patches").glob("*.yaml"))
GALLERY = (ROOT / "patches" / "README.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^### \[(\w+)\]\(\1\.yaml\)\n\n(.*?)(?=\n#|\Z)", GALLERY, re.DOTALL | re.MULTILINE))
PICTURES = ROOT / "patches" / "pictures"


def test_the_gallery_shows_exactly_the_bundled_patches() -> None:
    assert re.findall(r"^### \[(\w+)\]", GALLERY, re.MULTILINE) == list(ENTRIES)
    assert sorted(ENTRIES) == [path.stem for path in PATCHES]
    assert len(ENTRIES) >= 20


def test_the_gallery_names_every_instrument() -> None:
    for path in (ROOT / "patches" / "instruments").glob("*.yaml"):
        assert f"[{path.stem}](instruments/{path.name})" in GALLERY


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_a_patch_has_a_sentence_and_a_picture(path: Path) -> None:
    entry = ENTRIES[path.stem]
    assert len(entry.splitlines()[0]) > 40
    assert f"![The nodes and cables of {path.stem}](pictures/{path.stem}.svg)" in entry
    assert (PICTURES / f"{path.stem}.svg").exists(), "run tools/pictures"


def test_no_diagram_of_a_removed_patch_remains() -> None:
    assert {file.stem for file in PICTURES.iterdir()} <= {path.stem for path in PATCHES}


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_a_patch_is_short_and_says_how_to_play_it_and_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= 60
    assert re.fullmatch(rf"# graphrun patches/{path.name}( --\w+ \S+)*", lines[0])
    assert lines[1].startswith("# ")
    assert "# yaml-language-server: $schema=schema.json" in lines
    assert re.search(r"^name: \w", text, re.MULTILINE)
