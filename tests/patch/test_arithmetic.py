"""Arithmetic nodes made by operators, list sums, sends and beats."""

from __future__ import annotations

import numpy as np
import pytest

from graph import Node
from graph.memory.events import new_clock
from graph.node.arithmetic import Add, Divide, Gain, Mix, Multiply, SecondsPerBar, SecondsPerBeat, Subtract
from graph.testing import block_of
from nodes import Constant

RANDOM = np.random.default_rng(4)


def result(cls, **inputs):
    block = block_of(cls, **inputs)
    cls.process(block)
    return block.out


@pytest.mark.parametrize(
    ("cls", "operation"), [(Add, np.add), (Subtract, np.subtract), (Multiply, np.multiply), (Divide, np.divide)]
)
@pytest.mark.parametrize("lanes", [1, 5, 16])
def test_each_operator_computes_its_arithmetic(cls, operation, lanes):
    a = RANDOM.standard_normal((64, lanes)).astype(np.float32)
    b = RANDOM.uniform(0.5, 2, (64, lanes)).astype(np.float32)
    np.testing.assert_allclose(result(cls, a=a, b=b), operation(a, b), rtol=3e-7)


@pytest.mark.parametrize(("cls", "neutral"), [(Add, 0), (Subtract, 0), (Multiply, 1), (Divide, 1)])
def test_an_unconnected_operand_is_neutral(cls, neutral):
    a = RANDOM.standard_normal((64, 2)).astype(np.float32)
    np.testing.assert_array_equal(result(cls, a=a), a)
    assert cls.ins()["b"].default == neutral


def test_division_by_zero_is_zero():
    out = result(Divide, a=np.array([1, -1, 0, 6], np.float32), b=np.array([0, 0, 0, 3], np.float32))
    np.testing.assert_array_equal(out[:, 0], [0, 0, 0, 2])


def test_gain_multiplies():
    np.testing.assert_array_equal(result(Gain, audio=[1, 2, 3], gain=[2, 0.5, 0])[:, 0], [2, 1, 0])


def test_mix_sums_the_voices_of_each_channel():
    lanes = np.tile(np.array([1, 2, 4, 10, 20, 40], np.float32), (3, 1))
    np.testing.assert_array_equal(result(Mix, audio=lanes, voices=3, channels=2), [[7, 70]] * 3)


def test_a_beat_lasts_60_over_the_tempo():
    np.testing.assert_allclose(result(SecondsPerBeat, clock=new_clock(64, tempo=90.0)), 60 / 90, rtol=1e-7)


def test_a_bar_lasts_its_quantum_of_beats():
    clock = new_clock(64, tempo=90.0)
    clock.quantum[0] = 3
    np.testing.assert_allclose(result(SecondsPerBar, clock=clock), 2.0, rtol=1e-7)


def test_seconds_follow_a_tempo_change_within_a_block():
    clock = new_clock(4)
    clock.tempo[:] = [120, 60, 0, 240]
    np.testing.assert_allclose(result(SecondsPerBeat, clock=clock)[:, 0], [0.5, 1, 0, 0.25])
    np.testing.assert_allclose(result(SecondsPerBar, clock=clock)[:, 0], [2, 4, 0, 1])


def test_python_operators_make_these_nodes():
    x = Constant(3.0)
    made = {"+": x + 1, "-": 1 - x, "*": x * 2, "/": 2 / x, "negative": -x}
    kinds = {sign: type(node) for sign, node in made.items()}
    assert kinds == {"+": Add, "-": Subtract, "*": Multiply, "/": Divide, "negative": Multiply}
    assert all(isinstance(node, Node) for node in made.values())
    assert made["-"].inputs["a"] == 1
    assert made["/"].inputs["b"] == x.cable()
