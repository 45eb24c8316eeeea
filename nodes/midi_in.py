"""MIDI that arrives while playing."""

from __future__ import annotations

from graph import Node, Option, Out, Source, clear, emit, kernel


class MidiIn(Node):
    """What arrives from MIDI ports, or from the file given with `--midi`, each event at its frame.

    A node, not a setting of the engine, so that one patch can split a keyboard by channels. Program change 1 chooses
    the first preset of the patch; by default on one channel only, since a General MIDI file sets sixteen.
    """

    arriving = Source("midi", doc="Events of this block from every open MIDI input.")
    channel = Option(0, min=0, max=16, doc="Channel to listen to, 1 .. 16; 0 is every channel.")
    presets = Option(
        "lowest",
        choices=("lowest", "all", "none"),
        doc="Which program changes choose a preset of the patch: those on the lowest channel that has notes or "
        "programs, those on every channel heard, or none.",
    )
    out = Out(kind="events", doc="Events of that channel, at the same frames.")

    @kernel(double=True)
    def process(block):
        clear(block.out)
        block.out.count[1] = block.arriving.count[1]
        for i in range(block.arriving.count[0]):
            event = block.arriving.records[i]
            if block.channel == 0 or event.channel == block.channel:
                emit(block.out, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)
