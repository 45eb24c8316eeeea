"""Every bundled patch with an instrument answers MIDI: keys play the lead, and the rest plays on."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
from conftest import ROOT
from screens import Terminal

from graph.cli.main import main
from graph.media.sound_reader import read_recording
from graph.native.functions import PLAIN
from graph.patch.bundle import bundled_names
from graph.patch.patch import read

pytestmark = pytest.mark.skipif(PLAIN, reason="a whole patch in plain Python takes minutes")

DEAF = {"tide", "valve_amp"}
"""Patches without an instrument."""
JOINED = {"bowls", "wanderer", "west_coast", "neon"}
"""Patches without written notes."""
PATCHES = [name for name in bundled_names() if name not in DEAF]
RATE, BEGIN = 24_000, 0.25


def a_song(path: Path, *keys: int) -> str:
    """A file of one second with a chord of these keys from a quarter of a second on."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    for index, key in enumerate(keys):
        track.append(mido.Message("note_on", note=key, velocity=110, time=240 if index == 0 else 0))
    for index, key in enumerate(keys):
        track.append(mido.Message("note_off", note=key, time=720 if index == 0 else 0))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)
    return str(path)


def heard(tmp_path: Path, *words: str) -> np.ndarray:
    """What `graphrun WORDS --out` writes."""
    out = tmp_path / "heard.wav"
    assert main([*words, "--out", str(out), "--rate", str(RATE), "--quiet"]) == 0
    audio, rate = read_recording(str(out))
    assert rate == RATE
    return np.asarray(audio)


@pytest.mark.parametrize("name", PATCHES)
def test_a_song_plays_the_lead_and_nothing_else_changes(name: str, tmp_path: Path) -> None:
    graph = read(name).graph
    written = graph.nodes["midi" if name != "neon" else "keys"].inputs.get("music")
    assert (written is None) == (name in JOINED)
    song, silence = a_song(tmp_path / "song.mid", 60, 64, 67), a_song(tmp_path / "silence.mid")
    with_song, without = (heard(tmp_path, name, "--midi", each, "--seconds", "1.25") for each in (song, silence))
    begin = round(BEGIN * RATE) - 480  # 20 ms of margin for a limiter that looks ahead
    assert np.array_equal(with_song[:begin], without[:begin])
    added = np.sqrt(((with_song - without)[begin:] ** 2).mean())
    assert 20 * math.log10(added) > -50
    assert np.abs(with_song).max() <= 1.0


def test_a_file_replaces_the_written_lead_from_start_to_end(tmp_path: Path) -> None:
    plain = heard(tmp_path, "shepherd", "--seconds", "1")
    audio = heard(tmp_path, "shepherd", "--midi", a_song(tmp_path / "song.mid", 69))
    assert np.abs(plain[: round(0.2 * RATE)]).max() > 0.01  # its flute begins at once
    assert not audio[: round(BEGIN * RATE) - 480].any()
    assert np.abs(audio).max() > 0.02


def test_the_band_plays_on_and_stops_two_seconds_after_the_file(tmp_path: Path) -> None:
    audio = heard(tmp_path, "lesson_sends", "--midi", a_song(tmp_path / "song.mid", 60))
    assert 3.0 <= len(audio) / RATE <= 3.5
    assert np.abs(audio[-RATE // 2 :]).max() > 0.05
    alone = heard(tmp_path, "lesson_sends", "--midi", a_song(tmp_path / "s.mid", 60), "--set", "beat.playing=0")
    assert not alone[: round(BEGIN * RATE) - 480].any()


def test_patches_says_how_long_each_plays(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patches", "--json"]) == 0
    found = {each["patch"]: each for each in json.loads(capsys.readouterr().out)}
    assert {name for name, each in found.items() if "midi" not in each["hears"]} == DEAF
    seconds = {name: each["seconds"] for name, each in found.items() if each["seconds"] is not None}
    # 36 beats at 66 bpm; and 112 beats at 84 bpm, up to 112 bpm, at 112 bpm, down to 76 bpm, each ramp linear in beats.
    ramps = 16 / 28 * math.log(112 / 84) + 16 / 36 * math.log(112 / 76)
    assert seconds == {
        "first_light": pytest.approx(36 * 60 / 66),
        "caravan": pytest.approx(60 * (32 / 84 + 48 / 112 + ramps), rel=1e-3),
    }
    assert main(["patches"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "[input: MIDI; 0:32]" in text
    assert "[endless]" in text


def test_a_song_that_nothing_hears_is_reported_offline_and_live(tmp_path: Path) -> None:
    song = a_song(tmp_path / "song.mid", 60)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for more in (("--out", "a.wav"), ("--device", "null", "--plain"), ("--device", "null", "--quiet")):
        words = [sys.executable, "-m", "graph", "tide", "--midi", song, "--seconds", "1", *more]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=env)
        assert done.returncode == 0
        assert (done.stdout + done.stderr).count("the MIDI file is not heard: Tide has no MidiIn") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_key_of_the_view_plays_and_is_answered_where_nothing_hears_it(tmp_path: Path) -> None:
    code = "from graph.cli.main import main\nmain(['{}', '--device', 'null', '--seconds', '30'])\n"
    for name, word in (("shepherd", "C4"), ("tide", "what you play is not heard: Tide has no MidiIn")):
        terminal = Terminal(code.format(name), tmp_path)
        try:
            terminal.until("esc quit")
            terminal.type("z")
            terminal.until(word)
            terminal.type("\x1b")
            terminal.until("press esc again")
            terminal.type("\x1b")
            assert terminal.end() == 0
        finally:
            terminal.close()
