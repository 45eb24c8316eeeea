"""Compares what a sound card received with the offline render, to the bit: `same_as_render.py RAW PATCH`."""

from __future__ import annotations

import sys

import numpy as np

from graph import load

heard = np.fromfile(sys.argv[1], np.float32).reshape(-1, 2)
expected = load(sys.argv[2]).render(seconds=2, rate=48_000)
first, start = (int(np.flatnonzero(audio.any(axis=1))[0]) for audio in (heard, expected))
length = len(expected) - start
if not np.array_equal(heard[first : first + length], expected[start:]):
    sys.exit(f"{sys.argv[1]} does not hold the render of {sys.argv[2]}")
print(f"{len(heard)} frames received; the first {length} are those of the render, to the bit")
