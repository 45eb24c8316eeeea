from __future__ import annotations

import numpy as np
import pytest
from alias import compiled
from scipy.special import jv

from graph.testing import block_of
from nodes import Fm, Sine

ALONE = {"level2": 0.0, "level3": 0.0, "level4": 0.0}


def render(frames=48_000, **values):
    block = block_of(Fm, frames=frames, **values)
    Fm.process(block)
    return block.out[:, 0].astype(np.float64)


def lines(x):
    """Amplitudes in bins of 1 Hz, from one second."""
    return np.abs(np.fft.rfft(x)) / (len(x) / 2)


def test_one_operator_is_the_sine():
    sine = block_of(Sine, frames=4_800, freq=440.0)
    Sine.process(sine)
    np.testing.assert_allclose(render(4_800, freq=440.0, **ALONE), sine.out[:, 0], atol=1e-6)


@compiled
@pytest.mark.parametrize("index", [0.5, 2.0, 7.0])
def test_sidebands_are_the_bessel_functions_of_the_index(index):
    heard = lines(render(freq=5_000.0, ratio2=0.06, **{**ALONE, "level2": index}))
    for k in range(-12, 13):
        assert heard[5_000 + 300 * k] == pytest.approx(abs(jv(k, index)), abs=2e-4)


@compiled
def test_feedback_of_one_is_the_series_of_bessel_functions_near_a_saw():
    heard = lines(render(freq=20.0, ratio4=1.0, algorithm=8, feedback=1.0, level4=1.0, level1=0.0, level2=0, level3=0))
    n = np.arange(1, 8)
    np.testing.assert_allclose(heard[20 * n], 2 / n * jv(n, n), rtol=0.03)


CARRIERS = {1: {1}, 2: {1}, 3: {1}, 4: {1}, 5: {1, 3}, 6: {1, 2, 3}, 7: {1, 2, 3}, 8: {1, 2, 3, 4}}
MODULATES = {1: "43 32 21", 2: "42 32 21", 3: "32 21 41", 4: "43 31 21", 5: "43 21", 6: "43 42 41", 7: "43", 8: ""}


@pytest.mark.parametrize("algorithm", range(1, 9))
def test_each_algorithm_is_its_picture_in_the_manual(algorithm):
    ratio, level = {1: 1.0, 2: 1.5, 3: 2.25, 4: 3.75}, {1: 0.5, 2: 0.8, 3: 1.1, 4: 1.7}
    turns = np.arange(2_000) * 300 / 48_000
    sounds = {}
    for to in (4, 3, 2, 1):
        modulation = sum(sounds[k] for k in range(to + 1, 5) if f"{k}{to}" in MODULATES[algorithm].split())
        sounds[to] = level[to] * np.sin(2 * np.pi * ratio[to] * turns + modulation)
    given = {f"ratio{k}": ratio[k] for k in ratio} | {f"level{k}": level[k] for k in level}
    truth = sum(sounds[k] for k in CARRIERS[algorithm])
    np.testing.assert_allclose(render(2_000, freq=300.0, algorithm=algorithm, **given), truth, atol=2e-5)


@compiled
def test_a_ratio_is_a_pitch():
    heard = lines(render(freq=400.0, algorithm=8, ratio3=2.5, **{**ALONE, "level1": 0.0, "level3": 1.0}))
    assert np.argmax(heard) == 1_000


def test_inputs_may_move_every_sample_and_the_sound_is_bounded():
    rng = np.random.default_rng(0)
    values = {name: rng.uniform(-5, 40, 3_000) for name in ("ratio1", "ratio2", "ratio4", "level2", "feedback")}
    out = render(3_000, freq=rng.uniform(-1e5, 1e5, 3_000), **values)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.001
