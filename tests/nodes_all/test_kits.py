"""Kits: every named drum sounds in at least one kit, and every kit plays."""

from __future__ import annotations

import numpy as np
import pytest
from struck import need_compiled

from graph import NOTE_ON, load
from graph.graph import loads
from graph.memory.events import emit, new_events
from graph.native.functions import PLAIN
from graph.patch.bundle import bundled_names
from graph.testing import block_of
from nodes import DrumKit
from nodes.dsp.drums.kit import DRUMS, KEYS, STANDARD, layout
from nodes.dsp.drums.kit_presets import KITS
from nodes.dsp.patterns.drum_words import WORDS

PLAYS = {
    "brushes": "brush ballad", "cajon": "cajon", "club": "techno", "djembe": "kuku", "doumbek": "maqsoum",
    "effects": "ayoub", "electronic": "electro", "latin": "salsa", "marching": "drumline", "metal": "metal groove",
    "standard": "rock", "tabla": "teental",
}  # fmt: skip


def hit(kit: str, *keys: int, seconds: float = 0.1) -> np.ndarray:
    events = new_events()
    for key in keys:
        emit(events, 0, NOTE_ON, 10, 0, key, 1.0)
    need_compiled(round(seconds * 48_000))
    block = block_of(DrumKit, frames=round(seconds * 48_000), kit=kit, events=events, name="kit")
    DrumKit.process(block)
    return block.out


@pytest.mark.parametrize("kit", KITS)
def test_every_key_of_every_kit_sounds_and_stays_in_range(kit: str) -> None:
    for key in layout(kit)[1]:
        assert 0.1 < np.abs(hit(kit, key)).max() < 1.2, key


def test_every_drum_that_has_a_word_sounds_in_some_kit() -> None:
    sounding = {key for kit in (STANDARD, *KITS) for key in layout(kit)[1]}
    assert not {word: key for word, key in WORDS.items() if key not in sounding}
    assert len(WORDS) >= 74


def test_the_words_of_general_midi_are_in_the_standard_kit() -> None:
    assert {WORDS[word] for word in WORDS if 35 <= WORDS[word] <= 81} >= set(KEYS) - {69}


@pytest.mark.parametrize("kit", KITS)
def test_a_kit_borrows_a_drum_as_it_is_and_has_no_other_drum_in_vain(kit: str) -> None:
    drums, keys = layout(kit)
    assert {drum for drum, *_ in keys.values()} == set(drums)
    for name, row in drums.items():
        if name.startswith("standard "):
            assert row == DRUMS[name.removeprefix("standard ")]


def test_a_key_that_a_kit_does_not_have_is_not_heard() -> None:
    assert not hit("doumbek", 36, 60, 128).any()
    assert hit("effects", 128).any()


@pytest.mark.skipif(PLAIN, reason="a whole patch in plain Python takes minutes")
@pytest.mark.parametrize("name", bundled_names("kits"))
def test_a_bundled_kit_plays_a_pattern_of_its_music_in_its_room(name: str) -> None:
    words = "drums: 'cabasa: x.x. rainstick: x... ocean_drum: ..x. triangle: ...x'" if name == "effects" else ""
    audio = loads(
        "nodes:\n"
        f"  drums: {{node: Pattern, {words or f'pattern: {PLAYS[name]}'}}}\n"
        f"  kit: {{patch: kits/{name}, events: drums}}\nout: kit\n"
    ).render(seconds=3.0, rate=24_000)
    assert audio.shape[1] == 2
    assert np.isfinite(audio).all()
    assert 0.15 < np.abs(audio).max() < 1.0
    assert np.sqrt((audio[:24_000] ** 2).mean()) > 0.005


@pytest.mark.parametrize("name", bundled_names("kits"))
def test_a_bundled_kit_loads_by_its_name(name: str) -> None:
    assert load(f"kits/{name}").nodes["inputs"].ins()["events"].kind == "events"
