"""MIDI as data: one table of messages, their bytes to events and back, and Standard MIDI Files. No ports.

Floor 4: imports `memory` and below. `bytes` is [audio] and runs in callbacks; the rest is [control].

Public: nodes that play MIDI files import these names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.midi.file import MidiSong, events_at, read

__getattr__ = lazily(
    __name__,
    {
        "MidiSong": "graph.midi.file",
        "events_at": "graph.midi.file",
        "read": "graph.midi.file",
    },
)

__all__ = ["MidiSong", "events_at", "read"]
