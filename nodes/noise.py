from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, cached_design, per_sample
from nodes.dsp.math.random import seeds, shuffle, uniform

SECTIONS = 5


class Noise(Node):
    """Noise generator: white (equal power per hertz), pink (equal power per octave) or brown (-6 dB/octave).

    Each lane has an independent generator, so a `level` with several voices gives uncorrelated noise per voice.
    White is uniform in -1 .. 1. Pink and brown filter white noise through five poles and zeros. Pink is
    fitted to the sample rate, within 0.15 dB of -3 dB/octave from 20 Hz up. Its RMS is 0.25, so that it rarely
    exceeds 1. The seed comes from the node's name: two nodes differ, and each is the same on every run.
    """

    level = In(1, "", doc="Gain; the noise has its voices and channels.")
    out = Out(doc="Noise times `level`.")
    color = Option("white", choices=("white", "pink", "brown"), doc="Spectrum.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives one from the node's name.")
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

    @per_sample
    def process(level, color, random, filters, gain, memory, lane):
        random = shuffle(random)
        x = uniform(random)
        if color == 0:
            return level * x, random
        x = gain[0] * x
        for k in range(SECTIONS):
            y = x + memory[k, lane]
            memory[k, lane] = filters[k] * y - filters[SECTIONS + k] * x
            x = y
        return level * x, random


@cached_design
def pink(sample_rate: float) -> tuple[Any, Any, float]:
    """[control] Poles, zeros and gain of the pink filter, fitted to -3 dB/octave on a decibel scale."""
    from scipy.optimize import least_squares

    freq = np.geomspace(20, min(20_000, 0.45 * sample_rate), 200)
    delay = np.exp(-2j * np.pi * freq / sample_rate)[:, None]

    def excess(x: Any) -> Any:
        roots = np.tanh(x)
        decibels = 20 * np.log10(np.abs((1 - roots[1::2] * delay) / (1 - roots[::2] * delay))).sum(1)
        decibels += 10 * np.log10(freq)
        return decibels - decibels.mean()

    first = np.exp(-2 * np.pi * np.geomspace(12, 0.4 * sample_rate, 2 * SECTIONS) / sample_rate)
    first[-1] = -0.2  # this zero corrects the response near Nyquist and is negative
    roots = np.tanh(least_squares(excess, np.arctanh(first), max_nfev=60).x)
    return roots[::2], roots[1::2], _gain(roots[::2], roots[1::2])


@cached_design
def brown(sample_rate: float) -> tuple[Any, Any, float]:
    """[control] Poles, zeros and gain of the brown filter: an integrator, leaky below 3 Hz, corrected near Nyquist."""
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
    """Gain that brings the filter's output to an RMS of 0.25 for white noise input."""
    turn = np.exp(-1j * np.pi * np.geomspace(1e-7, 1, 2**16))[:, None]
    power = np.abs(((1 - zeros * turn) / (1 - poles * turn)).prod(1)) ** 2
    return float(0.25 * np.sqrt(3 / np.trapezoid(power, np.geomspace(1e-7, 1, 2**16))))
