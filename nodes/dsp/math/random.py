"""Random numbers for kernels: one xorshift generator per lane, seeded by name so that every run is identical.

George Marsaglia, "Xorshift RNGs", 2003: three shifts, no multiplication, and a period of 2**32 - 1 (a day at 48
kHz), far too long to hear.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from graph import inline


def seeds(name: str, seed: int, lanes: int) -> Any:
    """[control] Initial state per lane, from `seed` or, if that is 0, from the node's name."""
    # A saved patch renames `osc` of the patch `pad` to `pad_osc` and must sound the same.
    source = seed or zlib.crc32(name.replace(".", "_").encode())
    return np.maximum(np.random.SeedSequence(source).generate_state(lanes), 1)


def start_phases(name: str, voices: int, seed: int = 0) -> Any:
    """[control] Start phase of each voice in cycles: 0 for the first, random for the others, from the seed or the name.

    A phase is drawn again while it is close to another, or while the sum of all voices so far is louder than that of
    uncorrelated waves. So a unison of any size starts at its steady level and does not thump.
    """
    chance = np.random.default_rng(seed or zlib.crc32(name.replace(".", "_").encode()))
    phases, total = [0.0], 1.0 + 0.0j
    while len(phases) < voices:
        phase = chance.random()
        sum_with_it = total + np.exp(2j * np.pi * phase)
        apart = min(abs((phase - other + 0.5) % 1.0 - 0.5) for other in phases)
        if apart * (len(phases) + 1) > 0.25 and abs(sum_with_it) <= np.sqrt(len(phases) + 1):
            phases.append(phase)
            total = sum_with_it
    return np.array(phases)


@inline
def shuffle(state):
    """Next state, a nonzero uint32."""
    state = np.uint32(state ^ np.uint32(state << 13))
    state = np.uint32(state ^ np.uint32(state >> 17))
    return np.uint32(state ^ np.uint32(state << 5))


@inline
def uniform(state):
    """State mapped to -1 .. 1."""
    return 4.656612873077393e-10 * np.float32(np.int32(state))


@inline
def drawn(salt, number, which):
    """Random value in 0 .. 1 (below 1) for the integer `number`; the same on every call.

    A sequencer that draws by step number plays the same music whatever path led to the step. `which` separates
    several draws per step. The mixing function is Chris Wellons' lowbias32.
    """
    x = np.uint32(salt ^ np.uint32(np.int64(number * 16.0 + which) & 0xFFFFFFFF))
    for _ in range(2):
        x = np.uint32(np.uint32(x ^ np.uint32(x >> 16)) * np.uint32(0x7FEB352D))
        x = np.uint32(np.uint32(x ^ np.uint32(x >> 15)) * np.uint32(0x846CA68B))
        x = np.uint32(x ^ np.uint32(x >> 16))
    return np.float64(x) * np.float64(2.3283064365386963e-10)
