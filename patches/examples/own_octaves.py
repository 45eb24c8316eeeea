"""A node of events: plays every note twice, the second time in another octave. Runs its own test.

python patches/examples/own_octaves.py
graphrun --nodes patches/examples/own_octaves.py PATCH
"""

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, clear, emit, kernel
from graph.testing import block_of, node_contract


class Octaves(Node):
    """Octave doubler: each note sounds together with the same note some octaves away."""

    events = In(kind="events", doc="Notes; other events pass through.")
    octaves = Option(1, min=-3, max=3, doc="Octaves from the note to its double.")
    level = Option(0.6, min=0.01, max=1.0, doc="Velocity of the double relative to the note.")
    out = Out(kind="events", doc="The notes and their doubles.")

    @kernel(double=True)
    def process(block):
        clear(block.out)
        for i in range(block.events.count[0]):
            event = block.events.records[i]
            emit(block.out, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)
            number = event.number + 12 * block.octaves
            if event.kind in (NOTE_ON, NOTE_OFF) and 0 <= number <= 127:
                value = event.value * block.level
                emit(block.out, event.frame, event.kind, event.channel, event.note_id, number, value)


if __name__ == "__main__":
    block = block_of(Octaves, frames=8, octaves=-1, level=0.5)
    emit(block.events, 3, NOTE_ON, 1, 0, 60.0, 1.0)
    Octaves.process(block)
    played = [(event.frame, event.number, event.value) for event in block.out.records[: block.out.count[0]]]
    assert played == [(3, 60.0, 1.0), (3, 48.0, 0.5)], played
    node_contract(Octaves)
    print("two notes for one")
