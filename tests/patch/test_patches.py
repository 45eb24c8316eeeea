"""Every bundled patch is audible, stays in range, and matches its golden."""

from __future__ import annotations

from pathlib import Path

import fingerprint as fp
import numpy as np
import pytest
from conftest import ROOT

from graph import load
from graph.native.functions import PLAIN
from graph.patch.bundle import bundled_names
from graph.patch.patch import read
from graph.play.render import Renderer

pytestmark = pytest.mark.skipif(PLAIN, reason="a whole patch in plain Python takes minutes")

PATCHES = bundled_names()
INSTRUMENTS = bundled_names("instruments")


def sound(name: str, tmp_path: Path, seconds: float = fp.SECONDS, rate: float = fp.RATE, **more: object) -> np.ndarray:
    graph = load(name)
    return graph.render(seconds=seconds, rate=rate, **fp.played_to(graph, tmp_path, seconds, rate), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PATCHES + INSTRUMENTS)
def test_the_patch_matches_its_golden_file(name: str, tmp_path: Path) -> None:
    golden = ROOT / "tests" / "golden" / f"{name}.csv"
    assert golden.exists(), f"listen to it, then run tools/bless {name}"
    assert fp.worst(fp.fingerprint(sound(name, tmp_path)), fp.read(golden)) == ""


@pytest.mark.parametrize("name", PATCHES)
def test_the_patch_is_audible_at_once_at_a_matched_level_below_full_scale(name: str, tmp_path: Path) -> None:
    audio = sound(name, tmp_path)
    assert audio.shape[1] == 2
    assert np.isfinite(audio).all()
    assert 0.3 < np.abs(audio).max() < 0.98
    assert -24 < 10 * np.log10((audio**2).mean()) < -12
    assert np.sqrt((audio[: 2 * fp.RATE] ** 2).mean()) > 0.003
    assert np.abs(audio.mean(axis=0)).max() < 0.01, "it has an offset"


@pytest.mark.parametrize("name", PATCHES)
def test_the_patch_stays_below_full_scale_for_a_minute(name: str, tmp_path: Path) -> None:
    assert np.abs(sound(name, tmp_path, seconds=75.0, rate=24_000)).max() < 1


def feeds_back(name: str) -> bool:
    """Whether it uses Feedback, whose delay of one block makes the sound depend on the block size."""
    return "{node: Feedback," in (ROOT / "patches" / f"{name}.yaml").read_text()


@pytest.mark.parametrize("name", [name for name in PATCHES if not feeds_back(name)])
def test_the_sound_does_not_depend_on_the_block(name: str, tmp_path: Path) -> None:
    whole = sound(name, tmp_path, block=64, seconds=3.0)
    for block in (16, 256):
        np.testing.assert_allclose(sound(name, tmp_path, block=block, seconds=3.0), whole, atol=1e-6)


@pytest.mark.parametrize("name", PATCHES)
def test_the_patch_plays_at_other_rates(name: str, tmp_path: Path) -> None:
    # White noise spreads its power over the whole band, so the part that passes a filter depends on the rate.
    # Grains are random and fall at different times at every rate.
    kinds = {type(node).__name__ for node in load(name).nodes.values()}
    tolerance = 0.45 if "Noise" in kinds else 0.3 if "Granular" in kinds else 0.15
    at_48 = sound(name, tmp_path, seconds=3.0)
    for rate in (44_100, 96_000):
        other = sound(name, tmp_path, seconds=3.0, rate=rate)
        assert len(other) == 3 * rate
        assert np.sqrt((other**2).mean()) == pytest.approx(np.sqrt((at_48**2).mean()), rel=tolerance)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instrument_leaves_headroom_and_ends(name: str, tmp_path: Path) -> None:
    audio = sound(name, tmp_path)
    assert np.isfinite(audio).all()
    assert 0.1 < np.abs(audio).max() < 0.9
    assert np.abs(audio[-4_800:]).max() < 0.05


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_preset_and_every_input_of_an_instrument_is_audible(name: str, tmp_path: Path) -> None:
    patch = read(name)
    plain = sound(name, tmp_path, seconds=1.5, rate=24_000)
    knobs = {key: port.max for key, port in patch.graph.nodes["inputs"].ins().items() if port.kind == "signal"}
    changes = [{"presets": [each]} for each in patch.presets] + [{"set_values": {k: str(v)}} for k, v in knobs.items()]
    assert len(changes) > 4
    for change in changes:
        other = load(name, **change).render(seconds=1.5, rate=24_000, midi=tmp_path / "song.mid")  # type: ignore[arg-type]
        assert np.isfinite(other).all()
        assert np.abs(other - plain).max() > 0.005, change


def test_a_patch_that_waits_for_midi_and_receives_none_says_so() -> None:
    renderer = Renderer(load("neon"))
    audio = np.concatenate(list(renderer))
    assert not audio.any()
    assert any("has no MIDI input" in warning and "--midi" in warning for warning in renderer.warnings)


def test_a_midi_file_for_a_patch_without_midi_in_gives_a_warning(tmp_path: Path) -> None:
    renderer = Renderer(load("tide"), seconds=0.1, midi=fp.a_song(tmp_path / "song.mid"))
    assert any("is not heard: Tide has no MidiIn" in warning for warning in renderer.warnings)


def test_notes_are_counted_where_the_patch_plays_itself() -> None:
    renderer = Renderer(load("first_light"), seconds=8.0)
    list(renderer)
    assert renderer.notes == 3 * 5 + 6  # three chords of five, and six notes of the bell


def test_an_open_ended_render_stops_two_seconds_after_the_sound() -> None:
    audio = load("first_light").render()
    quiet = 10 ** (-90 / 20)
    last = np.flatnonzero(np.abs(audio).max(axis=1) > quiet)[-1]
    assert len(audio) - last == pytest.approx(2 * 48_000, abs=2)
    assert len(audio) > 30 * 48_000


def test_an_endless_patch_renders_thirty_seconds() -> None:
    assert len(load("tide").render(rate=8_000)) == 30 * 8_000
