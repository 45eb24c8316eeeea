"""Key: the major or minor key whose profile fits the pitch classes best.

Profiles of Albrecht and Shanahan, "The Use of Large Corpora to Train a New Type of Key-Finding Algorithm", Music
Perception 31 (2013): distance of the pitch-class distribution from that of 490 pieces in major and minor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.spectra import ChromaProfile, at_analysis_rate

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
ENDS = 0.12
"""Part of the sound at its start and at its end that counts twice: pieces begin and end on their tonic."""


class Key(NamedTuple):
    """A key such as `A minor`: `name`, and how much better it fits than the next one, 0 to 1; "" for no pitches."""

    name: str
    confidence: float


def key(audio: ArrayLike, rate: float) -> Key:
    """The key of a whole piece.

    audio   (frames,) or (frames, channels) at `rate` Hz
    """
    profile = ChromaProfile()
    profile.hear(at_analysis_rate(audio, rate))
    return key_of(profile.rows())


def key_of(rows: NDArray[np.float64]) -> Key:
    """The key of pitch-class energies (windows, 12)."""
    even = np.sqrt(rows)  # a long quiet passage counts too
    ends = max(1, round(len(even) * ENDS))
    total = even.sum(axis=0) + even[:ends].sum(axis=0) + even[-ends:].sum(axis=0) if len(even) else np.zeros(12)
    if not total.any():
        return Key("", 0.0)
    heard = total / total.sum()
    fits = np.array(
        [[np.corrcoef(np.roll(profile, tonic), heard)[0, 1] for tonic in range(12)] for profile in (MAJOR, MINOR)]
    )
    order = np.argsort(fits, axis=None)[::-1]
    mode, tonic = np.unravel_index(order[0], fits.shape)
    lead = fits.flat[order[0]] - fits.flat[order[1]]
    return Key(f"{NAMES[tonic]} {('major', 'minor')[mode]}", float(np.clip(lead, 0, 1)))
