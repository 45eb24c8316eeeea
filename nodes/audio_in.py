from __future__ import annotations

from graph import MAX_INPUTS, Node, NodeError, Option, Out, Source, kernel


class AudioIn(Node, family="Samples"):
    """What is sung or played into the sound card: a microphone, a guitar, another program.

    It is heard in the block in which it comes, so the way through a patch adds no time to that of the
    sound card; where the device's buffer is no multiple of the block, it adds one block. Without a
    device that hears, and in a file that is rendered without a recording to hear, it is silent.
    """

    first = Option(1, min=1, max=8, doc="The device's input, counted from 1.")
    width = Option(1, min=1, max=2, doc="Channels: 2 is `first` and the one after it.")
    heard = Source("audio", doc="All inputs of the device.")
    out = Out(voices=1, channels="width", doc="Signal.")

    def validate(self) -> None:
        if self.first + self.width - 1 > MAX_INPUTS:
            raise NodeError(f"{self.label}.first: {self.first} and the one after it; inputs go up to {MAX_INPUTS}")

    @kernel
    def process(block):
        last = block.heard.shape[1] - 1
        for frame in range(block.frames):
            for channel in range(block.width):
                block.out[frame, channel] = block.heard[frame, min(block.first - 1 + channel, last)]
