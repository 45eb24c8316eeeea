"""Memory shared by an engine and the audio thread: the engine record, the rings, and sources for nodes."""

from __future__ import annotations

from graph.memory.arena import Arena
from graph.memory.events import EVENTS_BYTES, TAPPED, TIMED_EVENT
from graph.memory.ring import Ring
from graph.memory.tables import (
    COMMAND,
    COMMANDS,
    ENGINE,
    LINK,
    MAX_CHANNELS,
    MAX_INPUTS,
    METER,
    MIDI_EVENTS,
    MOMENT,
    REQUEST,
    SUM,
    TAP_EVENTS,
    TAPS,
    TRANSPORT,
)


class Shared:
    """[control] Allocated once and independent of plan swaps.

    record     the ENGINE record, at `address`
    sources    addresses for the names in `Source` fields
    commands, midi   rings from Python; direct: from a device's callback
    heard, outgoing  rings to Python: what arrived, what was sent; tapped: what it listens to
    """

    def __init__(self, block: int, publish: int) -> None:
        """`block` is in frames, `publish` the address of `graph.memory.ring.publish`."""
        arena = Arena()
        tables = ENGINE, MOMENT, LINK, TRANSPORT, TAPS
        head, moment, link, transport, taps = (arena.reserve(table.itemsize) for table in tables)
        peaks, sums = arena.reserve(2 * METER.itemsize * MAX_CHANNELS), arena.reserve(SUM.itemsize * MAX_CHANNELS)
        arriving, leaving = arena.reserve(EVENTS_BYTES), arena.reserve(EVENTS_BYTES)
        later = arena.reserve(2 * MIDI_EVENTS * TIMED_EVENT.itemsize)
        mixed = arena.reserve(4 * block * MAX_CHANNELS)
        audio, past = (arena.reserve(4 * block * MAX_INPUTS) for _ in range(2))
        request = arena.reserve(REQUEST.itemsize)
        arena.allocate()
        self._arena, base = arena, arena.base
        self.address = base + head
        self.request = arena.array(request, 1, REQUEST)
        self.moment, self.link = arena.array(moment, 1, MOMENT)[0], arena.array(link, 1, LINK)[0]
        self.link["ask_playing"] = -1
        self.peaks = arena.array(peaks, (2, MAX_CHANNELS), METER)
        self.sums = arena.array(sums, MAX_CHANNELS, SUM)
        self.commands = Ring(COMMANDS, COMMAND, publish)
        self.midi, self.direct, self.heard, self.outgoing = (Ring(MIDI_EVENTS, TIMED_EVENT, publish) for _ in range(4))
        self.tapped = Ring(TAP_EVENTS, TAPPED, publish)
        self.taps = arena.array(taps, 1, TAPS)[0]
        self.taps["ring"] = self.tapped.address
        self.sources = {
            "audio": base + audio,
            "midi": base + arriving,
            "midi_out": base + leaving,
            "moment": base + moment,
            "link": base + link,
            "transport": base + transport,
            "taps": base + taps,
        }
        self.record = record = arena.array(head, 1, ENGINE)[0]
        record["frames"] = block
        record["level"] = record["level_goal"] = 1.0
        record["commands"], record["midi"] = self.commands.address, self.midi.address
        record["direct"], record["heard"] = self.direct.address, self.heard.address
        record["outgoing"], record["leaving"] = self.outgoing.address, base + leaving
        record["arriving"], record["later"] = base + arriving, base + later
        record["meters"], record["sums"], record["mixed"] = base + peaks, base + sums, base + mixed
        record["input"], record["past"] = base + audio, base + past
        record["moment"], record["link"], record["transport"] = base + moment, base + link, base + transport
        record["taps"] = base + taps
