from __future__ import annotations

from graph import In, Node, Option, Out, kernel


class Channels(Node, family="Mixing"):
    """Channel selector: splits a stereo signal into two mono cables for separate processing.

    `Join` recombines them.
    """

    audio = In(doc="Signal with any number of channels.")
    first = Option(1, min=1, max=8, doc="Channel for `left`, counted from 1; `right` is the next one.")
    left = Out(channels=1, doc="Channel `first`, or the last channel if there are fewer.")
    right = Out(channels=1, doc="Channel after `first`, or the last channel if there are fewer.")

    @kernel
    def process(block):
        voices = block.voices
        left = min(block.first - 1, block.channels - 1) * voices
        right = min(block.first, block.channels - 1) * voices
        for frame in range(block.frames):
            for voice in range(voices):
                block.left[frame, voice] = block.audio[frame, left + voice]
                block.right[frame, voice] = block.audio[frame, right + voice]
