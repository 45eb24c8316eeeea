from __future__ import annotations

from graph import In, Node, Option, Out, kernel


class Channels(Node, family="Mixing"):
    """Picks channels: each side of a stereo signal as a mono cable, for effects of their own.

    `Join` puts two together again.
    """

    audio = In(doc="Signal with any number of channels.")
    first = Option(1, min=1, max=8, doc="The channel that `left` is, counted from 1; `right` is the next.")
    left = Out(channels=1, doc="Channel `first`, or the last one there is.")
    right = Out(channels=1, doc="The channel after it, or the last one there is.")

    @kernel
    def process(block):
        voices = block.voices
        left = min(block.first - 1, block.channels - 1) * voices
        right = min(block.first, block.channels - 1) * voices
        for frame in range(block.frames):
            for voice in range(voices):
                block.left[frame, voice] = block.audio[frame, left + voice]
                block.right[frame, voice] = block.audio[frame, right + voice]
