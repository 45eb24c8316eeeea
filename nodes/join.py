from __future__ import annotations

from graph import In, Node, Out, per_voice


class Join(Node, family="Mixing"):
    """Joins two mono signals as the left and right channels of one, voice by voice, without mixing.

    `Channels` separates them again.
    """

    left = In(channels=1, doc="Signal for the left channel.")
    right = In(channels=1, doc="Signal for the right channel.")
    out = Out(channels=2, doc="Stereo signal.")

    @per_voice
    def process(left, right):
        return left, right
