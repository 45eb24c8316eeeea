from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, designed, kernel
from graph.native import load, store
from nodes.dsp.math.random import seeds, shuffle, uniform

SECTIONS = 5


class Noise(Node):
    """Noise: white (the same power in every hertz), pink (in every octave, as in rain or the sea) or brown (a rumble).

    Each lane has its own, so a wide `level` gives every voice another noise. White is uniform
    within -1 .. 1. Pink is that through five poles and zeros, fitted to the sample rate within
    0.15 dB of -3 dB an octave from 20 Hz up; its RMS is 0.25, so that it rarely passes 1.
    The seed is the node's name: two noises differ, and one sounds the same on every run.
    """

    level = In(1, "", doc="Factor; its voices and channels are those of the noise.")
    out = Out(doc="Noise times `level`.")
    color = Option("white", choices=("white", "pink", "brown"), doc="Spectrum.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Another number, another noise; 0 takes the node's name.")
    random = State(dtype=np.uint32)
    filters = State(shape=2 * SECTIONS, doc="Poles, then zeros.")
    gain = State(shape=1)
    memory = State(ndim=2)

    def prepare(self, setup: Setup) -> dict[str, Any]:
        poles, zeros, gain = (brown if self.color == "brown" else pink)(setup.sample_rate)
        return {
            "random": seeds(setup.name, self.seed, setup.lanes),
            "filters": [*poles, *zeros],
            "gain": [gain],
            "memory": np.zeros((SECTIONS, setup.lanes)),
        }

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        level, out, random = block.level, block.out, block.random
        filters, memory, gain = block.filters, block.memory, block.gain[0]
        if block.color == 0:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    state = shuffle(load(random, lane, 0, 4))
                    store(random, lane, state, 0, 4)
                    store(out, i, load(level, i, 1, 4) * uniform(state), 2, 4)
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    state = shuffle(load(random, lane, 0, 4))
                    store(random, lane, state, 0, 4)
                    x = gain * uniform(state)
                    for k in range(SECTIONS):
                        y = x + load(memory, k * lanes + lane, 3, 4)
                        store(memory, k * lanes + lane, filters[k] * y - filters[SECTIONS + k] * x, 3, 4)
                        x = y
                    store(out, i, load(level, i, 1, 4) * x, 2, 4)


@designed
def pink(sample_rate: float) -> tuple[Any, Any, float]:
    """[control] Poles, zeros and gain of the pink filter, fitted to the slope in decibels."""
    from scipy.optimize import least_squares

    freq = np.geomspace(20, min(20_000, 0.45 * sample_rate), 200)
    delay = np.exp(-2j * np.pi * freq / sample_rate)[:, None]

    def excess(x: Any) -> Any:
        roots = np.tanh(x)
        decibels = 20 * np.log10(np.abs((1 - roots[1::2] * delay) / (1 - roots[::2] * delay))).sum(1)
        decibels += 10 * np.log10(freq)
        return decibels - decibels.mean()

    first = np.exp(-2 * np.pi * np.geomspace(12, 0.4 * sample_rate, 2 * SECTIONS) / sample_rate)
    first[-1] = -0.2  # the zero that makes up for the end of the spectrum lies beyond it
    roots = np.tanh(least_squares(excess, np.arctanh(first), max_nfev=60).x)
    return roots[::2], roots[1::2], _gain(roots[::2], roots[1::2])


@designed
def brown(sample_rate: float) -> tuple[Any, Any, float]:
    """[control] The same for brown: a leak below 3 Hz, and a pole and a zero that mend the top."""
    from scipy.optimize import least_squares

    freq = np.geomspace(20, min(20_000, 0.45 * sample_rate), 200)
    delay = np.exp(-2j * np.pi * freq / sample_rate)
    poles, zeros = np.zeros(SECTIONS), np.zeros(SECTIONS)
    poles[0] = np.exp(-2 * np.pi * 3 / sample_rate)

    def excess(x: Any) -> Any:
        zeros[:2], poles[1] = np.tanh(x[:2]), np.tanh(x[2])
        response = ((1 - np.outer(delay, zeros)) / (1 - np.outer(delay, poles))).prod(1)
        decibels = 20 * np.log10(np.abs(response) * freq)
        return decibels - decibels.mean()

    excess(least_squares(excess, [-0.3, -0.1, -0.2]).x)
    return poles, zeros, _gain(poles, zeros)


def _gain(poles: Any, zeros: Any) -> float:
    """Of a filter, so that white noise leaves it with an RMS of 0.25."""
    turn = np.exp(-1j * np.pi * np.geomspace(1e-7, 1, 2**16))[:, None]
    power = np.abs(((1 - zeros * turn) / (1 - poles * turn)).prod(1)) ** 2
    return float(0.25 * np.sqrt(3 / np.trapezoid(power, np.geomspace(1e-7, 1, 2**16))))
