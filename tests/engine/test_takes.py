"""Recordings: readable at any moment, never overwritten, and safe against a kill or a full disk."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from conftest import ROOT
from killed_takes import PATCH, kill_a_take, song

from graph import AudioFileError
from graph.graph import loads
from graph.media import sound_file
from graph.media.ogg import blocks_of, granules, packets, pages
from graph.media.raw_file import RawFile, beside, claim, leftovers
from graph.media.sound_file import SoundFileWriter, new_render, new_take
from graph.media.wav import LENGTH, WavStream, wav_header
from graph.memory.events import NOTE_ON, TIMED_EVENT
from graph.native.functions import PLAIN
from graph.play.midi_recorder import MidiRecorder

Run = Callable[..., "subprocess.CompletedProcess[str]"]

compiled_only = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
SUFFIXES = [".wav", ".flac", ".ogg"]
RATE = 48_000


def tone(seconds: float, channels: int = 1, level: float = 0.5, rate: int = RATE) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * 440 / rate * np.arange(round(seconds * rate)))
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def readable(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


@compiled_only
@posix_only
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_killed_recording_is_readable_up_to_its_last_second(suffix: str, tmp_path: Path) -> None:
    chance = random.Random(suffix)
    for number, longest in enumerate((0.1, 1.5, 3.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        take = kill_a_take(folder, suffix, chance.uniform(0.0, longest))
        assert take.lived - take.sound <= 1.0
        assert take.lived - take.midi <= 1.0
        if take.sound > 0.5:
            assert take.rms == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
        left = {name for name in take.left if not name.startswith(".take.mid.")}  # a MIDI file not yet in its place
        assert left - {"take.mid"} == {f"take{suffix}", "tone.yaml", "song.mid"}
        assert take.processes == 0


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("level", "channels", "rate"), [(0.5, 2, 48_000), (0.001, 1, 44_100), (0.0, 2, 48_000), (0.5, 1, 8_000)]
)
def test_a_recording_is_readable_while_it_grows(
    suffix: str, level: float, channels: int, rate: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Includes quiet music, of which the Ogg encoder buffers seconds."""
    monkeypatch.setattr(sound_file, "EVERY", 0.0)
    audio = tone(4.0, channels, level, rate)
    writer = new_take(tmp_path / f"take{suffix}", rate, channels)
    assert len(readable(writer.path)) <= 1  # a FLAC file has at least one frame
    step = rate // 50
    for number, start in enumerate(range(0, len(audio), step)):
        writer.write(audio[start : start + step])
        if number % 19 == 7:
            there = readable(writer.path)
            missing = start + step - len(there)
            assert 0 <= missing <= (4_096 + step if suffix == ".flac" else 0)
            np.testing.assert_allclose(there[8:], audio[8 : len(there)], atol=0.1 * level + 1e-4)
    writer.close()
    there = readable(writer.path)
    assert len(there) == len(audio)
    np.testing.assert_allclose(there, audio, atol=0.05 * level + 1e-4 if suffix == ".ogg" else 2e-7)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_kill_between_any_two_writes_loses_nothing_readable(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checks each write to the disk separately: between two, the thread may wait long for its turn."""
    monkeypatch.setattr(sound_file, "EVERY", 0.0)
    counts = [0]

    def looked_at(work: Callable[..., None]) -> Callable[..., None]:
        def watched(file: RawFile, *rest: object) -> None:
            work(file, *rest)
            if file.path.suffix == suffix:
                counts.append(len(readable(file.path)))

        return watched

    for name in ("write_at", "truncate"):
        monkeypatch.setattr(RawFile, name, looked_at(getattr(RawFile, name)))
    noise = np.random.default_rng(1).normal(0.0, 0.2, (RATE, 2)).astype(np.float32)
    audio = np.concatenate([tone(1.5, 2, 0.01), noise, tone(1.0, 2, 0.0)])
    writer = new_take(tmp_path / f"take{suffix}", RATE, 2)
    for part in np.array_split(audio, 70):
        writer.write(part)
    writer.close()
    assert len(counts) > 70
    assert (np.diff(counts) >= 0).all()
    assert counts[-1] == len(audio)


def test_a_completed_recording_has_the_bytes_of_a_render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_file, "EVERY", 0.0)
    audio = tone(2.0, 2, 0.01)
    for suffix in (".wav", ".flac"):
        take = new_take(tmp_path / f"take{suffix}", RATE, 2)
        with new_render(tmp_path / f"render{suffix}", RATE, 2) as render:
            for part in np.array_split(audio, 50):
                take.write(part)
                render.write(part)
        take.close()
        assert (tmp_path / f"take{suffix}").read_bytes() == (tmp_path / f"render{suffix}").read_bytes()
    assert soundfile.info(tmp_path / "take.wav").subtype == "FLOAT"
    assert soundfile.info(tmp_path / "take.flac").subtype == "PCM_24"


def test_the_frames_of_vorbis_packets_add_up_to_those_of_their_pages(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.1, (3 * RATE, 1)).astype(np.float32)
    noise[RATE : 2 * RATE] = 0.0
    with new_render(tmp_path / "a.ogg", RATE, 1) as file:
        file.write(noise)
    data = (tmp_path / "a.ogg").read_bytes()
    blocks = blocks_of(next(pages(data)).body)
    ends = list(granules(list(packets(data))[3:], blocks))
    given = [page.granule for page in pages(data) if page.granule > 0]
    assert set(given[:-1]) <= set(ends)
    assert ends[-1] >= given[-1] == len(noise)


def test_beyond_4_gb_the_header_is_rf64(tmp_path: Path) -> None:
    """The audio is a hole in a sparse file, which takes no space."""
    frames = 600_000_000
    file = RawFile(tmp_path / "long.wav", "xb")
    stream = WavStream(file, RATE, 2)
    stream._frames = frames
    stream.write(tone(0.1, 2))
    stream.close()
    file.close()
    info = soundfile.info(tmp_path / "long.wav")
    assert (info.format, info.frames, info.channels) == ("RF64", frames + 4_800, 2)
    last, _ = soundfile.read(tmp_path / "long.wav", start=frames, dtype="float32")
    np.testing.assert_array_equal(last, tone(0.1, 2))


def test_the_header_has_one_length() -> None:
    for frames in (0, 1, 2**29 - 20, 2**29, 2**40):
        assert len(wav_header(RATE, 2, frames)) == LENGTH


@compiled_only
def test_a_recording_never_overwrites_another_and_says_its_name(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "tone.yaml").write_text(PATCH)
    words = ("tone.yaml", "--device", "null", "--seconds", "0.3", "--record", "take.wav", "--record-midi", "take.mid")
    assert graphrun(*words).returncode == 0
    first = {name: (tmp_path / name).read_bytes() for name in ("take.wav", "take.mid")}
    said = json.loads(graphrun(*words, "--json").stdout)["warnings"]
    assert "take.wav exists: recording to take-2.wav" in " ".join(said)
    assert "take.mid exists: recording to take-2.mid" in " ".join(said)
    assert {name: (tmp_path / name).read_bytes() for name in first} == first
    assert soundfile.info(tmp_path / "take-2.wav").duration > 0.2
    assert (tmp_path / "take-2.mid").exists()


def test_two_simultaneous_recordings_get_two_files(tmp_path: Path) -> None:
    files = [claim(tmp_path / "take.wav", b"x") for _ in range(3)]
    assert [file.path.name for file in files] == ["take.wav", "take-2.wav", "take-3.wav"]
    for file in files:
        file.close()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_recording_gets_its_file_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / "take.wav").write_bytes(b"old")
    file = claim(tmp_path / "take.wav", b"new")
    file.close()
    assert (tmp_path / "take.wav").read_bytes() == b"old"
    assert (tmp_path / "take-2.wav").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 2


@compiled_only
@posix_only
def test_the_next_start_names_the_partial_file_of_a_killed_render(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "tone.yaml").write_text(PATCH)
    process = subprocess.Popen(
        [sys.executable, "-m", "graph.cli.main", "tone.yaml", "--seconds", "80000", "--out", "long.wav"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        partial = beside(tmp_path / "long.wav").with_name(f".long.wav.{process.pid}.partial")
        for _ in range(3_000):
            if partial.exists():
                break
            assert process.poll() is None
            time.sleep(0.02)
        assert leftovers(tmp_path) == []  # it is still being written
    finally:
        process.kill()
        process.wait()
    assert not (tmp_path / "long.wav").exists()
    for words in (("--out", "b.wav"), ("--device", "null", "--record", "take.wav")):
        done = graphrun("tone.yaml", "--seconds", "0.3", *words)
        assert f"{partial.name} is an unfinished long.wav of a killed process" in done.stdout + done.stderr


def write_all(writer: SoundFileWriter, audio: np.ndarray) -> None:
    for part in np.array_split(audio, 20):
        writer.write(part)


@posix_only
def test_a_full_disk_keeps_the_written_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file size limit simulates a full disk: the system fails in the middle of a write."""
    import resource

    monkeypatch.setattr(sound_file, "EVERY", 0.0)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    audio = tone(3.0, 2) + np.random.default_rng(1).normal(0.0, 0.1, (3 * RATE, 2)).astype(np.float32)
    for suffix, least in ((".wav", 0.3), (".flac", 0.3), (".ogg", 0.5)):
        writer = new_take(tmp_path / f"take{suffix}", RATE, 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000 if suffix == ".ogg" else 200_000, limits[1]))
        try:
            with pytest.raises(AudioFileError, match=rf"cannot write .*take{suffix}: File too large"):
                write_all(writer, audio)
            with suppress(AudioFileError):  # the encoder's remaining data does not fit either
                writer.close()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(readable(writer.path)) >= least * RATE / 2


def test_a_midi_recording_is_complete_after_every_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.play.midi_recorder.EVERY", 0.0)
    recorder = MidiRecorder(tmp_path / "take.mid", RATE, 0)
    assert mido.MidiFile(recorder.path).length == 0.0
    for second in range(10):
        events = np.zeros(2, TIMED_EVENT)
        events["event"]["kind"], events["event"]["channel"], events["event"]["value"] = NOTE_ON, 1, 0.5
        events["event"]["number"] = 40 + second
        events["time"] = [second * RATE + 24_000, second * RATE]  # out of order
        recorder.add(events)
        recorder.flush((second + 1) * RATE)
        file = mido.MidiFile(recorder.path)
        times, now = [], 0.0
        for message in file:
            now += message.time
            times += [now] if message.type == "note_on" else []
        np.testing.assert_allclose(times, np.arange(2 * (second + 1)) / 2, atol=1e-3)
        assert file.length == pytest.approx(second + 1.0, abs=1e-3)
        assert sum(message.type == "note_off" for message in file) == second + 1
    assert [path.name for path in tmp_path.iterdir()] == ["take.mid"]


@compiled_only
def test_record_returns_the_name_of_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "take.ogg").write_bytes(b"")
    with loads(PATCH).play(device="null") as live:
        assert live.record(tmp_path / "take.ogg") == tmp_path / "take-2.ogg"
        assert live.record_midi(tmp_path / "take.mid") == tmp_path / "take.mid"
        live.play_midi(song(tmp_path / "song.mid", 0.3))
        live.wait(0.5)
    assert (tmp_path / "take.ogg").read_bytes() == b""
    assert soundfile.info(tmp_path / "take-2.ogg").duration > 0.3
    assert any(message.type == "note_on" for message in mido.MidiFile(tmp_path / "take.mid"))
