"""Recordings ended by SIGKILL, and the files that remain on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent.parent
PATCH = """
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  tone: {node: Sine, freq: 440}
  gates: {node: Mix, audio: voices.gate}
  out: {node: Gain, audio: tone + 0 * gates, gain: 50%}
out: out
"""
STARTS = 60.0
"""Time limit in seconds for a take to appear."""


@dataclass(frozen=True)
class KilledTake:
    """The state on disk after the kill.

    lived            seconds from the first look at which the file was there until the kill
    sound, midi      seconds that can be read of the sound, and until the last event of the MIDI
    rms              of the sound; a sine of 0.5 has 0.354
    left             names of all files in the folder
    processes        how many processes of the killed one's session are alive a second later
    """

    lived: float
    sound: float
    midi: float
    rms: float
    left: list[str]
    processes: int


def song(path: Path, seconds: float = 60.0) -> Path:
    """A MIDI file with a note every 50 ms."""
    track = mido.MidiTrack()
    for number in range(round(seconds / 0.05)):
        track.append(mido.Message("note_on", note=40 + number % 40, velocity=64, time=0))
        track.append(mido.Message("note_off", note=40 + number % 40, time=48))
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(path)  # 120 bpm: 960 ticks per second
    return path


def kill_a_take(folder: Path, suffix: str, after: float) -> KilledTake:
    """Records to `folder` through the command line, and kills it `after` seconds after the file appears."""
    (folder / "tone.yaml").write_text(PATCH)
    song(folder / "song.mid")
    take = folder / f"take{suffix}"
    words = ["tone.yaml", "--device", "null", "--plain", "--midi", "song.mid", "--record", take.name]
    process = subprocess.Popen(
        [sys.executable, "-m", "graph.cli.main", *words, "--record-midi", "take.mid"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + STARTS
        while not take.exists():
            if process.poll() is not None:
                raise AssertionError(f"it ended before its take: {process.stderr.read() if process.stderr else 0}")
            if time.monotonic() > limit:
                raise AssertionError(f"no take after {STARTS:g} s")
            time.sleep(0.002)
        began = time.monotonic()
        time.sleep(after)
    finally:
        process.kill()
        lived = time.monotonic() - began if take.exists() else 0.0
        _, said = process.communicate()
    assert "Error" not in said, said
    audio, rate = soundfile.read(take, dtype="float32", always_2d=True)
    midi = folder / "take.mid"
    return KilledTake(
        lived,
        len(audio) / rate,
        mido.MidiFile(midi).length if midi.exists() else 0.0,
        float(np.sqrt(np.mean(audio**2))) if len(audio) else 0.0,
        sorted(file.name for file in folder.iterdir()),
        survivors(process.pid),
    )


def survivors(session: int) -> int:
    """Number of processes of a session still alive up to one second after it was killed."""
    limit = time.monotonic() + 1.0
    while True:
        alive = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            alive += int(fields[3]) == session and fields[0] != "Z"
        if not alive or time.monotonic() > limit:
            return alive
        time.sleep(0.02)
