from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Follower


def followed(audio, **values):
    block = block_of(Follower, audio=np.asarray(audio), **values)
    Follower.process(block)
    return block.out[:, 0]


TONE = np.sin(2 * np.pi * 1_000 / 48_000 * np.arange(24_000))


def test_rms_of_a_sine_is_0_707_of_its_crest():
    out = followed(0.5 * TONE, attack=0.1, release=0.1, measure="rms")
    assert out[-4_800:].mean() == pytest.approx(0.5 * 2**-0.5 * (1 - np.exp(-4.5)) ** 0.5, rel=0.01)


def test_peak_follows_the_crests():
    out = followed(0.5 * TONE, attack=0.0, release=1.0)
    assert out[-4_800:].mean() == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0])
def test_attack_and_release_are_exponentials_of_their_times(sample_rate):
    n = round(0.1 * sample_rate)
    out = followed(np.concatenate([np.ones(n), np.zeros(n)]), attack=0.02, release=0.05, sample_rate=sample_rate)
    t = np.arange(1, n + 1) / sample_rate
    assert out[:n] == pytest.approx(1 - np.exp(-t / 0.02), abs=1e-4)
    assert out[n:] == pytest.approx(out[n - 1] * np.exp(-t / 0.05), abs=1e-4)
