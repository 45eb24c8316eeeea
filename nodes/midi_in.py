"""MIDI input."""

from __future__ import annotations

from graph import Node, Option, Out, Source, clear, emit, kernel


class MidiIn(Node):
    """MIDI input: events from the MIDI ports, or from the file given with `--midi`, each at its exact frame.

    Several MidiIn nodes can split a setup by channel. Program change 1 selects the first preset of the patch, by
    default only on one channel, because a General MIDI file sends program changes on all sixteen.
    """

    arriving = Source("midi", doc="Events of this block from every open MIDI input.")
    channel = Option(0, min=0, max=16, doc="MIDI channel, 1 .. 16; 0 is every channel.")
    presets = Option(
        "lowest",
        choices=("lowest", "all", "none"),
        doc="Program changes that select a preset of the patch: those on the lowest channel with notes or "
        "programs, those on all received channels, or none.",
    )
    out = Out(kind="events", doc="Received events.")

    @kernel(double=True)
    def process(block):
        clear(block.out)
        block.out.count[1] = block.arriving.count[1]
        for i in range(block.arriving.count[0]):
            event = block.arriving.records[i]
            if block.channel == 0 or event.channel == block.channel:
                emit(block.out, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)
