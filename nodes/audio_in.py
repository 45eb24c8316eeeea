from __future__ import annotations

from graph import MAX_INPUTS, Node, NodeError, Option, Out, Source, kernel


class AudioIn(Node, family="Samples"):
    """Audio input of the sound card: a microphone, a guitar, another program.

    The input is processed in the block in which it arrives, so a patch adds no latency to that of the sound card; if
    the device's buffer is not a multiple of the block, it adds one block. Silent without an input device, and in a
    render without `--audio-in`.
    """

    first = Option(1, min=1, max=8, doc="Number of the device's input, from 1.")
    width = Option(1, min=1, max=2, doc="Channels: 2 is `first` and the next input.")
    heard = Source("audio", doc="All inputs of the device.")
    out = Out(voices=1, channels="width", doc="Input signal.")

    def validate(self) -> None:
        if self.first + self.width - 1 > MAX_INPUTS:
            raise NodeError(f"{self.label}.first: input {self.first + self.width - 1} is past the last, {MAX_INPUTS}")

    @kernel
    def process(block):
        last = block.heard.shape[1] - 1
        for frame in range(block.frames):
            for channel in range(block.width):
                block.out[frame, channel] = block.heard[frame, min(block.first - 1 + channel, last)]
