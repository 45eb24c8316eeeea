"""Scope: a display reads exactly the signal."""

from __future__ import annotations

import numpy as np

from graph import Graph
from graph.engine.engine import Engine
from graph.testing import block_of, node_contract
from nodes import Saw, Scope


def test_it_keeps_the_contract():
    node_contract(Scope)


def test_the_latest_frames_are_returned_oldest_first():
    audio = np.arange(2_000, dtype=np.float32).reshape(1_000, 2)
    block = block_of(Scope, audio=audio, seconds=0.01)
    Scope.process(block)
    np.testing.assert_array_equal(block.out, audio)
    np.testing.assert_array_equal(Scope.latest(block.ring, block.written, 300), audio[-300:])


def test_it_returns_the_promised_length_and_at_most_half_its_ring():
    audio = np.arange(5_000, dtype=np.float32)
    block = block_of(Scope, audio=audio, seconds=0.01)
    Scope.process(block)
    picture = Scope.latest(block.ring, block.written, 10**9)[:, 0]
    assert len(picture) >= 480
    np.testing.assert_array_equal(picture, audio[-len(picture) :])


def test_before_the_start_there_is_silence():
    block = block_of(Scope, audio=np.ones(10))
    Scope.process(block)
    assert Scope.latest(block.ring, block.written, 20)[:, 0].tolist() == [0] * 10 + [1] * 10


def test_a_display_reads_it_from_a_running_engine():
    engine = Engine(Graph(Scope(audio=Saw(freq=100.0), name="scope")))
    heard = engine.render(4_800)[:, 0]
    picture = Scope.latest(engine.state("scope", "ring"), engine.state("scope", "written"), 1_000)[:, 0]
    np.testing.assert_array_equal(picture, heard[-1_000:])
