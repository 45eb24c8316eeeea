from __future__ import annotations

from graph import In, Node, Out, kernel


class Join(Node, family="Mixing"):
    """Joins two mono signals as the left and right channels of one, voice by voice, without mixing.

    `Channels` separates them again.
    """

    left = In(channels=1, doc="Signal for the left channel.")
    right = In(channels=1, doc="Signal for the right channel.")
    out = Out(channels=2, doc="Stereo signal.")

    @kernel
    def process(block):
        voices = block.voices
        for frame in range(block.frames):
            for voice in range(voices):
                block.out[frame, voice] = block.left[frame, voice]
                block.out[frame, voices + voice] = block.right[frame, voice]
