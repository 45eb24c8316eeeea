"""MIDI as data: one table of messages, their bytes to events and back, and Standard MIDI Files. No ports.

Floor 4: imports `memory` and below. `bytes` is [audio] and runs in callbacks; the rest is [control].

Public: nodes that play MIDI files import these names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.midi.chase import EVERY, chased, snapshots
    from graph.midi.file import MidiSong, events_at, packed_at, read
    from graph.midi.tempo_map import bars_of, beat_of, last_beat, tempo_rows

__getattr__ = lazily(
    __name__,
    {
        "EVERY": "graph.midi.chase",
        "MidiSong": "graph.midi.file",
        "bars_of": "graph.midi.tempo_map",
        "beat_of": "graph.midi.tempo_map",
        "chased": "graph.midi.chase",
        "events_at": "graph.midi.file",
        "last_beat": "graph.midi.tempo_map",
        "packed_at": "graph.midi.file",
        "read": "graph.midi.file",
        "snapshots": "graph.midi.chase",
        "tempo_rows": "graph.midi.tempo_map",
    },
)

__all__ = [
    "EVERY",
    "MidiSong",
    "bars_of",
    "beat_of",
    "chased",
    "events_at",
    "last_beat",
    "packed_at",
    "read",
    "snapshots",
    "tempo_rows",
]
