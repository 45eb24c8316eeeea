from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, inline, kernel
from graph.native import load, store
from nodes.dsp.envelopes.dynamics import per_frame
from nodes.dsp.math.functions import clamp, ratio

ROWS = 14
"""States per band: four of the voice's filters, two of its level, four of the filters on each side."""


@inline
def twice(x, filters, memory, row, band):
    """Two state-variable band-passes in series, whose states are four rows of `memory`."""
    count = memory.shape[1]
    at = row * count + band
    g, k, a = load(filters, band), load(filters, count + band), load(filters, 2 * count + band)
    c1, c2 = load(memory, at), load(memory, at + count)
    x = a * (g * (k * x - c2) + c1)
    store(memory, at, 2.0 * x - c1)
    store(memory, at + count, c2 + 2.0 * g * x)
    c1, c2 = load(memory, at + 2 * count), load(memory, at + 3 * count)
    x = a * (g * (k * x - c2) + c1)
    store(memory, at + 2 * count, 2.0 * x - c1)
    store(memory, at + 3 * count, c2 + 2.0 * g * x)
    return x


class Vocoder(Node, family="Filters"):
    """Channel vocoder: makes an instrument talk by applying the band levels of a voice to it.

    After Homer Dudley, "Remaking speech", JASA 1939: bands of equal width in octaves, each two state-variable
    band-passes in series, for voice and instrument. A Fourier transform would add the latency of its window and smear
    consonants. Consonants are noise that few instruments contain, so some of the voice's own is mixed in.
    """

    audio = In(voices=1, channels=2, doc="Carrier; works best bright and steady.")
    voice = In(voices=1, channels=1, doc="Voice (modulator).")
    attack = In(0.003, "s", 0.0005, 0.5, curve="log", voices=1, channels=1, doc="Attack time constant per band.")
    release = In(0.02, "s", 0.0005, 2, curve="log", voices=1, channels=1, doc="Release time constant per band.")
    sibilance = In(0.2, "", 0, 1, voices=1, channels=1, doc="Level of the voice's high-passed signal in the output.")
    gain = In(12, "dB", -24, 48, ramp=0.02, voices=1, channels=1, doc="Gain of the vocoded signal.")
    bands = Option(20, min=4, max=64, doc="Number of bands: 10 robotic, 20 clear, 40 close to the voice.")
    lowest = Option(100.0, "Hz", min=20, max=1_000, doc="Center of the lowest band.")
    highest = Option(10_000.0, "Hz", min=1_000, max=20_000, doc="Center of the highest band.")
    out = Out(voices=1, channels=2, doc="Vocoded signal.")
    filters = State(ndim=2, doc="g, k, 1 / (1 + g (g + k)) and sign of each band.")
    memory = State(ndim=2)
    hiss = State((1,))

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        count = self.options["bands"]
        top = min(self.options["highest"], 0.42 * setup.sample_rate)
        middle = np.geomspace(min(self.options["lowest"], 0.5 * top), top, count)
        g = np.tan(np.pi * middle / setup.sample_rate)
        width = (middle[1] / middle[0]) ** 0.5
        k = np.full(count, 1.25 * (width - 1 / width))  # two in series: each wider, so that neighbors meet at -3 dB
        # Neighboring bands are 180 degrees apart where they meet, so every other one is inverted.
        turn = (-1.0) ** np.arange(count)
        return {"filters": np.stack([g, k, 1 / (1 + g * (g + k)), turn]), "memory": np.zeros((ROWS, count), np.float32)}

    @kernel
    def process(block):
        filters, memory, count = block.filters, block.memory, block.memory.shape[1]
        rate = block.sample_rate
        bright = clamp(25_000.0 / rate, 0.0, 0.9)
        for frame in range(block.frames):
            up = per_frame(clamp(block.attack[frame, 0], 0.0005, 0.5), rate)
            down = per_frame(clamp(block.release[frame, 0], 0.0005, 2.0), rate)
            voice = block.voice[frame, 0]
            left, right = block.audio[frame, 0], block.audio[frame, 1]
            left_sum, right_sum = np.float32(0.0), np.float32(0.0)
            for band in range(count):
                x = twice(voice, filters, memory, 0, band)
                level = load(memory, 4 * count + band)
                level += (abs(x) - level) * (up if abs(x) > level else down)
                store(memory, 4 * count + band, level)
                even = load(memory, 5 * count + band)
                store(memory, 5 * count + band, even + (level - even) * up)
            for band in range(count):
                opened = load(memory, 5 * count + band) * load(filters, 3 * count + band)
                left_sum += opened * twice(left, filters, memory, 6, band)
            for band in range(count):
                opened = load(memory, 5 * count + band) * load(filters, 3 * count + band)
                right_sum += opened * twice(right, filters, memory, 10, band)
            block.hiss[0] += bright * (voice - block.hiss[0])
            past = clamp(block.sibilance[frame, 0], 0.0, 1.0) * (voice - block.hiss[0])
            gain = ratio(clamp(block.gain[frame, 0], -24.0, 48.0))
            block.out[frame, 0] = gain * left_sum + past
            block.out[frame, 1] = gain * right_sum + past
