"""The jitted helpers of nodes/dsp against float64 NumPy, compiled and as plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from graph import In, Node, Out, per_sample
from graph.testing import block_of
from nodes.dsp.math.functions import (
    cosine,
    decibels,
    exp,
    exp2,
    lerp,
    log2,
    prewarp,
    prewarp_exactly,
    ratio,
    sine,
    tanh,
)


class SineOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return sine(x)


class CosineOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return cosine(x)


class Exp2Of(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return exp2(x)


class ExpOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return exp(x)


class Log2Of(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return log2(x)


class TanhOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return tanh(x)


class PrewarpOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x, sample_rate):
        numerator, denominator = prewarp(x, sample_rate)
        return numerator / denominator


class DecibelsOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return decibels(x)


class RatioOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return ratio(x)


class LerpOf(Node):
    x = In()
    out = Out()

    @per_sample
    def process(x):
        return lerp(2.0, 5.0, x)


def run(cls, x, plain):
    x = np.asarray(x, np.float32)
    if plain:
        x = x[:: max(1, len(x) // 2000)]
    block = block_of(cls, x=x)
    (cls.kernel.run_plain if plain else cls.process)(block)
    return x.astype(np.float64), block.out[:, 0].astype(np.float64)


def grid(low, high, count=200_001):
    return np.linspace(low, high, count)


both = pytest.mark.parametrize("plain", [False, True], ids=["compiled", "plain"])


@both
def test_sine_and_cosine_are_within_3e7(plain):
    for cls, truth in ((SineOf, np.sin), (CosineOf, np.cos)):
        x, y = run(cls, grid(-3.2, 3.2), plain)
        assert np.abs(y - truth(2 * np.pi * x)).max() < 3e-7


@both
def test_sine_of_many_cycles_is_exact_to_the_remaining_phase(plain):
    x, y = run(SineOf, grid(-5000, 5000), plain)
    assert np.abs(y - np.sin(2 * np.pi * x)).max() < 3e-7
    x, y = run(SineOf, [1e9, -1e30, 3e38], plain)
    assert (y == 0).all()


@both
def test_sine_is_exact_at_every_quarter_and_precise_near_zero(plain):
    assert (run(SineOf, [0, 0.5, 1, -0.5, 7], plain)[1] == 0).all()
    assert np.abs(run(SineOf, [0.25, -0.75, 5.25], plain)[1] - 1).max() < 1e-7
    x, y = run(SineOf, [1e-9, -1e-5, 3e-4], plain)
    np.testing.assert_allclose(y, np.sin(2 * np.pi * x), rtol=8e-7)


@both
def test_exp2_is_within_1_5e7_of_its_result(plain):
    x, y = run(Exp2Of, grid(-126, 127.4), plain)
    assert np.abs(y / np.exp2(x) - 1).max() < 1.5e-7


@both
def test_exp2_of_whole_numbers_is_exact(plain):
    x, y = run(Exp2Of, np.arange(-126, 128), plain)
    assert (y[:-1] == np.exp2(x[:-1])).all()


@both
def test_exp2_and_exp_stay_finite_and_positive(plain):
    for cls in (Exp2Of, ExpOf):
        _, y = run(cls, [-np.inf, -2e38, -1000, 1000, 2e38, np.inf], plain)
        assert np.isfinite(y).all()
        assert (y > 0).all()


@both
def test_exp_is_within_2e7_between_minus_1_and_1_and_7e6_everywhere(plain):
    x, y = run(ExpOf, grid(-1, 1), plain)
    assert np.abs(y / np.exp(x) - 1).max() < 2e-7
    x, y = run(ExpOf, grid(-87, 88), plain)
    assert np.abs(y / np.exp(x) - 1).max() < 7e-6


@both
def test_log2_is_within_1_5e7_of_1_or_of_its_result(plain):
    for x in (np.exp2(grid(-126, 127.9)), grid(0.5, 2), grid(0.99, 1.01)):
        x, y = run(Log2Of, x, plain)
        truth = np.log2(x)
        assert (np.abs(y - truth) / np.maximum(1, np.abs(truth))).max() < 1.5e-7


@both
def test_log2_is_precise_near_1_and_finite_for_nothing(plain):
    x, y = run(Log2Of, grid(0.999, 1.001), plain)
    np.testing.assert_allclose(y, np.log2(x), rtol=4e-7, atol=0)
    _, y = run(Log2Of, [0, -5, 1e-45, np.inf], plain)
    assert (y[:3] == -126).all()
    assert np.isfinite(y).all()


@both
def test_tanh_is_within_5e7_of_its_result(plain):
    x, y = run(TanhOf, np.concatenate([grid(-12, 12, 100_000), np.geomspace(1e-20, 1, 10_000)]), plain)
    x, y = x[x != 0], y[x != 0]
    assert np.abs(y / np.tanh(x) - 1).max() < 5e-7


@both
def test_tanh_never_leaves_minus_1_to_1(plain):
    _, y = run(TanhOf, np.concatenate([grid(7, 9, 999), [-1e30, 1e30, -np.inf, np.inf]]), plain)
    assert np.isfinite(y).all()
    assert np.abs(y).max() <= 1
    assert y[-1] > 1 - 3e-7
    assert y[-2] < -1 + 3e-7


def test_the_exact_prewarp_is_the_tangent_within_1e9():
    x = np.linspace(1, 0.49 * 48_000, 1_001)[:-1]
    pairs = [prewarp_exactly(freq, 48_000.0) for freq in x]
    assert max(abs(n / d / np.tan(np.pi * freq / 48_000) - 1) for freq, (n, d) in zip(x, pairs, strict=True)) < 1e-9


@both
def test_prewarp_is_the_tangent_within_5e7_and_within_4e6_near_its_pole(plain):
    for top, error in ((0.42, 5e-7), (0.49, 4e-6)):
        x, y = run(PrewarpOf, grid(0, top * 48_000)[1:-1], plain)
        assert np.abs(y / np.tan(np.pi * x / 48_000) - 1).max() < error


@both
def test_prewarp_is_held_below_half_the_rate(plain):
    _, y = run(PrewarpOf, [0, 24_000, 1e9], plain)
    np.testing.assert_allclose(y, [0, np.tan(0.49 * np.pi), np.tan(0.49 * np.pi)], rtol=3e-6)


@both
def test_decibels_and_ratio_are_inverses(plain):
    x, y = run(DecibelsOf, np.geomspace(1e-6, 1e6, 20_001), plain)
    assert np.abs(y - 20 * np.log10(x)).max() < 2e-5
    x, y = run(RatioOf, grid(-140, 60, 20_001), plain)
    assert np.abs(y / 10 ** (x / 20) - 1).max() < 2e-6


@both
def test_lerp_reaches_both_ends(plain):
    assert list(run(LerpOf, [0, 0.5, 1], plain)[1]) == [2, 3.5, 5]
