"""Every installed node, and the options that some need to do anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graph.node.library import all_nodes

NEEDS: dict[str, dict[str, Any]] = {
    "Notes": {"notes": "C4 . [E4 G4] - C5:0.3"},
    "Pattern": {"drums": "kick: x..X x7.. snare: ..f. (xo)..d", "fill": "rock", "fill_every": 2},
}
"""Options without which a node does nothing."""

INTERNAL = {"MultiplyAdd", "Spread"}
"""Inserted by the plan, which sets its widths; not for patches."""

NODES = {name: cls for name, cls in all_nodes().items() if name not in INTERNAL}


def a_song(folder: Path) -> Path:
    """Three notes within 96 frames, as a Standard MIDI File."""
    import mido

    path = folder / "song.mid"
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000)])
    for key in (60, 64, 67):
        track.append(mido.Message("note_on", note=key, velocity=90, time=100))
        track.append(mido.Message("note_off", note=key, velocity=40, time=100))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)
    return path


def a_tone(folder: Path) -> Path:
    """A second of a sine, as a WAV file."""
    import soundfile

    path = folder / "tone.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 300 / 44_100 * np.arange(44_100)), 44_100)
    return path


FILES = {"MidiFile": a_song, "Player": a_tone, "Sampler": a_tone}
"""Files without which a node does nothing."""
