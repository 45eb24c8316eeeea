"""Everything shown in the README runs: its patches, its node, its Python, and the commands that CI takes from it."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import fingerprint as fp
import numpy as np
import pytest
import soundfile as sf
from conftest import ROOT

from graph import NOTE_ON, InternalClock
from graph.graph import load, loads
from graph.memory.moment import heard_at, steady
from graph.native.functions import PLAIN
from graph.play.live import Live

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The code of each fenced block."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_patch_of_the_readme_plays(tmp_path: Path) -> None:
    graph = loads(blocks("yaml")[0])
    audio = graph.render(seconds=0.25, midi=fp.a_song(tmp_path / "song.mid"))
    assert audio.shape == (12_000, 2)
    assert 0.05 < np.abs(audio).max() <= 1


def test_the_patch_of_patches_of_the_readme_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fp.a_song(tmp_path / "song.mid")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(blocks("yaml")[1])
    audio = load("x.yaml", presets=["dark"]).render(seconds=0.25)
    assert 0.05 < np.abs(audio).max() <= 1


def test_the_drums_of_the_readme_play_without_a_link_session() -> None:
    audio = loads(blocks("yaml")[-1]).render(seconds=1)
    assert 0.05 < np.abs(audio).max() <= 1


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fp.a_song(tmp_path / "song.mid")
    monkeypatch.chdir(tmp_path)
    live, _, score, node, checks, song = blocks("python")
    names: dict[str, object] = {}
    (tmp_path / "mine.py").write_text(node)
    exec(compile(node, str(tmp_path / "mine.py"), "exec"), names)
    exec(checks, names)
    exec(song.replace('"10 s"', "0.2"), names)
    audio = names["sound"]
    exec(live.replace(".play()", '.play(device="null")'), {})
    exec(score, {})
    canon, rate = sf.read("canon.wav")
    assert rate == 48_000
    assert np.abs(canon[:3_000]).max() < 1e-6 < np.abs(canon[3_000:6_000]).max()  # an eighth of a beat
    assert isinstance(audio, np.ndarray)
    assert audio.shape == (9_600, 2)
    assert np.abs(audio).max() > 0.01


@pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play")
def test_the_notes_of_the_readme_sound_on_their_beats() -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[1], names)
    beats: list[float] = []

    async def play(live: Live) -> None:
        clock = InternalClock(240.0)
        live.on_events(
            lambda events: beats.extend(
                clock._line().beat_at(heard_at(steady(live.engine.moment), event["time"]))
                for event in events
                if event["event"]["kind"] == NOTE_ON
            )
        )
        await names["rise"](clock, live)
        while len(beats) < 4:  # notes are sent ahead and reported after they sound
            await asyncio.sleep(0.01)

    with load("neon").play(device="null") as live:
        while live.engine.now == 0:
            time.sleep(0.01)
        asyncio.run(asyncio.wait_for(play(live), 30))
    assert np.median([abs(beat - round(beat * 2) / 2) for beat in beats]) < 0.02


def test_the_patches_named_in_the_readme_exist_and_the_rest_are_linked() -> None:
    table = README[README.index("| patch | description |") :].partition("\n\n")[0]
    named = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert len(named) > 5
    for name in named:
        assert (ROOT / "patches" / f"{name}.yaml").exists()
    assert "(patches/README.md)" in README  # test_gallery.py looks for every patch there


def test_ci_runs_the_commands_of_the_readme() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    script = (ROOT / ".ci" / "run").read_text()
    for command in commands:
        wanted = re.findall(r"command_of '([^']+)'", script)
        assert any(word in command for word in wanted)
