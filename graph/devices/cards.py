"""Sound cards: what a library of them offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from graph.devices.device import Device
from graph.engine.engine import Engine


@dataclass(frozen=True)
class Card:
    """One device of a library, with its number there.

    host   the system's audio interface: ALSA, PulseAudio, Core Audio, WASAPI, ...
    rate   its preferred rate in Hz
    """

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    rate: float


class CardLibrary(Protocol):
    """[control] A library that plays on sound cards."""

    name: str

    def cards(self) -> list[Card]:
        """All devices."""

    def defaults(self) -> tuple[int, int]:
        """The numbers of the default input and output; -1 for none."""

    def open(self, engine: Engine, card: Card, latency: float | None, heard: tuple[Card, int] | None) -> Device:
        """An output, with the first channels of an input as `heard`; DeviceError if it cannot be opened.

        latency   seconds, or None for the lowest
        """
