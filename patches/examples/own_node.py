"""A node in one page: a ring modulator that follows the level of its input. Runs its own test, then sounds.

python patches/examples/own_node.py
graphrun --nodes patches/examples/own_node.py PATCH
"""

from graph import Graph, In, Node, Out, State, per_sample
from graph.testing import block_of, node_contract
from nodes import Noise, Sine


class Swell(Node):
    """Ring modulator whose depth follows the level of its input."""

    audio = In(doc="Signal to modulate.")
    carrier = In(0, doc="Modulating signal.")
    release = In(0.2, "s", 0.001, 10, curve="log", doc="Release time of the level detector.")
    out = Out(doc="Modulated signal.")
    level = State(doc="Detected level.")

    @per_sample
    def process(audio, carrier, release, level, sample_rate):
        level = max(abs(audio), level * (1.0 - 1.0 / (release * sample_rate)))
        return audio * (1.0 - level + level * carrier), level


if __name__ == "__main__":
    block = block_of(Swell, audio=[0.0, 1.0, 0.0], carrier=0.5)
    Swell.process(block)
    assert block.out[:, 0].tolist() == [0.0, 0.5, 0.0]
    node_contract(Swell)
    audio = Graph(Swell(audio=Noise() * 0.3, carrier=Sine(freq=110))).render(seconds=1)
    print(f"peak {abs(audio).max():.2f}")
