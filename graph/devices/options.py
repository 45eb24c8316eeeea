"""`PlayOptions`: all options for live playing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from graph.errors import did_you_mean


@dataclass(frozen=True)
class PlayOptions:
    """Options for live playing, shared by `Graph.play(**words)`, `Live` and the command line.

    device    "null", "jack", or a number or part of a name from `graphrun devices`; by default a
              running JACK server, else the system's output
    rate      Hz, 8,000 to 192,000; by default the graph's, else the device's
    block     frames per block, 1 to 8192; by default the graph's
    latency   requested output latency of the device in seconds; by default its lowest
    connect   JACK ports to connect to, one per channel; by default the sound card's
    audio_in  source for AudioIn: an input's number or part of its name, or JACK ports, one per channel;
              by default the device's own input, else the system's
    midi      MIDI inputs to open, by number, name, part of a name or pattern; by default all,
              including those that appear later
    midi_out  MIDI outputs to send to, named as `midi`; by default a virtual port that others can connect to
    thru      forwards incoming MIDI to the outputs immediately, bypassing the graph
    link      whether Link nodes join the Ableton Link session on the local network; else their clocks run alone
    """

    device: str | int | None = None
    rate: float | str | None = None
    block: int | None = None
    latency: float | None = None
    connect: Sequence[str] | None = None
    audio_in: Sequence[str | int] | None = None
    midi: Sequence[str | int] | None = None
    midi_out: Sequence[str | int] | None = None
    thru: bool = False
    link: bool = True

    def __post_init__(self) -> None:
        for field in ("connect", "audio_in", "midi", "midi_out"):
            object.__setattr__(self, field, _names(getattr(self, field)))

    @classmethod
    def of(cls, options: PlayOptions | None, words: dict[str, Any]) -> PlayOptions:
        """`options` with some fields replaced; TypeError for an unknown field."""
        known = [field.name for field in fields(cls)]
        for word in words:
            if word not in known:
                raise TypeError(
                    f"there is no option '{word}'.{did_you_mean(word, known)} There are: {', '.join(known)}"
                )
        return replace(options or cls(), **words)


def _names(words: Any) -> tuple[str, ...] | None:
    """Converts names and numbers to a tuple of strings; accepts a single value."""
    if words is None:
        return None
    return (str(words),) if isinstance(words, str | int) else tuple(str(word) for word in words)
