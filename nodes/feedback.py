"""Feedback connection, the only node that may close a cycle."""

from __future__ import annotations

from graph import In, Node, Out, kernel


class Feedback(Node):
    """Feedback connection: outputs `audio` one block later, so that cables may form a loop.

    A cycle of cables is an error unless it passes through Feedback. Readers of `out` get the previous block; at the
    end of the block, the current one is stored for the next. So the loop is one block longer than the delay of its
    nodes, and Feedback is the only node whose sound depends on the block size. `Delay` has its own feedback, exact to
    the sample.

    A loop with a gain above 1 grows. At the patch's `limit`, 60 dB over full scale by default, the loop is faded out
    here and reset; it returns when its gain is turned down.

    In Python, close the loop last: `back = Feedback()`, `mixed = saw + back * 0.5`, `back.audio = mixed`.
    """

    breaks_cycles = True

    audio = In(doc="Signal to feed back.")
    out = Out(persistent=True, doc="Signal of the previous block.")

    @kernel
    def process(block):
        audio = block.audio
        out = block.out
        for frame in range(block.frames):
            for lane in range(block.lanes):
                out[frame, lane] = audio[frame, lane]
