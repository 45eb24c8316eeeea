from __future__ import annotations

from graph import In, Node, Out, kernel


class Join(Node, family="Mixing"):
    """Two mono signals as the two channels of one: voice by voice, nothing is mixed.

    `Channels` takes them apart.
    """

    left = In(channels=1, doc="What becomes the left channel.")
    right = In(channels=1, doc="What becomes the right channel.")
    out = Out(channels=2, doc="Stereo signal.")

    @kernel
    def process(block):
        voices = block.voices
        for frame in range(block.frames):
            for voice in range(voices):
                block.out[frame, voice] = block.left[frame, voice]
                block.out[frame, voices + voice] = block.right[frame, voice]
