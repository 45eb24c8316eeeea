"""Audio files: read as arrays at the engine's rate, and written so that a file is either complete or absent.

Floor 5: imports only `graph.errors`. Nodes read with `sound_reader`; recordings and renders write with `sound_file`.

Public: nodes that play recordings import these names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.media.sound_reader import LIMIT, check_recording, read_recording, resampled

__getattr__ = lazily(
    __name__,
    {
        "LIMIT": "graph.media.sound_reader",
        "check_recording": "graph.media.sound_reader",
        "read_recording": "graph.media.sound_reader",
        "resampled": "graph.media.sound_reader",
    },
)

__all__ = ["LIMIT", "check_recording", "read_recording", "resampled"]
