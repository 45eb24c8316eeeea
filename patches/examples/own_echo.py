"""A node with memory: an echo whose line `prepare` makes, with an option that the kernel reads. Runs its own test.

python patches/examples/own_echo.py
graphrun --nodes patches/examples/own_echo.py PATCH
"""

import numpy as np

from graph import Graph, In, Node, Option, Out, State, inline, kernel
from graph.testing import block_of, node_contract
from nodes import Impulse


@inline
def soft(x):
    """Soft clipper: a helper that the kernel calls."""
    return x / (1.0 + abs(x))


class TinyEcho(Node):
    """Echo with a fixed time; `feedback` sets how long it lasts."""

    audio = In(doc="Signal to repeat.")
    feedback = In(0.5, "", 0, 0.95, doc="Level of each repeat relative to the one before.")
    time = Option(0.25, "s", 0.001, 2.0, doc="Time between repeats.")
    color = Option("clean", choices=("clean", "warm"), doc="clean: unchanged; warm: each repeat is softly clipped.")
    out = Out(doc="Signal with its repeats.")
    line = State(ndim=2, doc="One row of the past per frame, one column per lane.")
    head = State((1,), np.int64, doc="Row that is read and written next.")

    def prepare(self, setup):
        rows = max(1, round(self.time * setup.sample_rate))
        return {"line": np.zeros((rows, setup.lanes))}

    @kernel
    def process(block):
        rows = block.line.shape[0]
        head = block.head[0]
        for frame in range(block.frames):
            for lane in range(block.lanes):
                heard = block.audio[frame, lane] + block.feedback[frame, lane] * block.line[head, lane]
                if block.color == 1:
                    heard = soft(heard)
                block.line[head, lane] = heard
                block.out[frame, lane] = heard
            head = head + 1 if head + 1 < rows else 0
        block.head[0] = head


if __name__ == "__main__":
    block = block_of(TinyEcho, audio=[1.0, 0.0, 0.0, 0.0, 0.0], sample_rate=1_000.0, time=0.002)
    TinyEcho.process(block)
    assert block.out[:, 0].tolist() == [1.0, 0.0, 0.5, 0.0, 0.25]
    node_contract(TinyEcho)
    audio = Graph(TinyEcho(audio=Impulse(freq=1), color="warm")).render(seconds=1)
    print(f"peak {abs(audio).max():.2f}")
