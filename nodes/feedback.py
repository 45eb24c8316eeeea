"""The one node that may close a cycle."""

from __future__ import annotations

from graph import In, Node, Out, kernel


class Feedback(Node):
    """Lets a signal run back to where it came from: out is `audio`, one block later.

    A cycle of cables has no first node, unless it passes through here. Whoever reads `out` hears the
    block before; then, at the end of the block, this one is kept for the next. So the loop is a
    block longer than its nodes are, and this is the only node whose sound depends on the block's
    length. `Delay` has its own feedback, exact to the sample.

    A loop that gains more than it loses grows. At the patch's `limit`, 60 dB over full scale unless it
    says otherwise, the loop is faded out here and reset, and comes back once it is turned down.

    In Python the loop is closed last: `back = Feedback()`, `mixed = saw + back * 0.5`, `back.audio = mixed`.
    """

    breaks_cycles = True

    audio = In(doc="Signal to send back.")
    out = Out(persistent=True, doc="The signal of the block before.")

    @kernel
    def process(block):
        audio = block.audio
        out = block.out
        for frame in range(block.frames):
            for lane in range(block.lanes):
                out[frame, lane] = audio[frame, lane]
