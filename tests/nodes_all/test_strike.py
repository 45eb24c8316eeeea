"""Struck instruments use the velocity of their own note, whatever the voice played before."""

from __future__ import annotations

import numpy as np
import pytest
from alias import compiled
from every_node import NODES
from player import note

from graph import Graph
from graph.engine.engine import Engine
from graph.graph import loads
from nodes import Gain, Kick, MidiIn, Mix, Modal, Piano, Pluck, VoiceAllocator

STRUCK = [cls for _, cls in sorted(NODES.items()) if {"trigger", "velocity"} <= cls.ins().keys()]


@pytest.mark.parametrize("cls", STRUCK)
def test_a_node_with_a_trigger_and_a_velocity_reads_it_when_it_is_struck(cls: type) -> None:
    assert cls.ins()["velocity"].at_trigger


def test_there_are_such_nodes() -> None:
    assert {Kick, Modal, Piano, Pluck} <= set(STRUCK)


@compiled
@pytest.mark.parametrize("cls", [Kick, Modal, Pluck])
@pytest.mark.parametrize("mode", ["mono", "poly"])
def test_an_accent_is_heard_in_its_own_note_and_not_in_the_next(cls: type, mode: str) -> None:
    voices = VoiceAllocator(events=MidiIn(), mode=mode, polyphony=1)
    pitch = {} if cls is Kick else {"freq": voices.freq}
    sent = np.concatenate([note(1_000 + 24_000 * i, 60) for i in range(4)])
    sent["event"]["value"] = [0.8, 0.2, 0.8, 0.2]
    engine = Engine(Graph(Mix(audio=cls(trigger=voices.trigger, velocity=voices.velocity, **pitch))))
    engine.send(sent)
    engine.render(1_000)
    peaks = [np.abs(engine.render(24_000)[:2_400]).max() for _ in sent]
    assert peaks[0] > 2 * peaks[1]
    assert peaks[2] == pytest.approx(peaks[0], rel=0.2)
    assert peaks[3] == pytest.approx(peaks[1], rel=0.2)


@compiled
def test_it_is_so_through_an_input_that_is_listened_to_and_by_name() -> None:
    text = """
nodes:
  keys:  {node: MidiIn}
  hand:  {node: VoiceAllocator, events: keys, mode: mono}
  first: {node: Pluck, trigger: hand.trigger, freq: hand.freq, velocity: hand.velocity}
  other: {node: Pluck, trigger: hand.trigger, freq: hand.freq, velocity: first.velocity}
  plain: {node: Pluck, trigger: hand.trigger, freq: hand.freq, velocity: hand.strike}
out: {first: 1, other: 1, plain: -2}
"""
    engine = Engine(loads(text))
    sent = np.concatenate([note(1_000 + 10_000 * i, 60 + i) for i in range(4)])
    sent["event"]["value"] = [0.9, 0.2, 0.8, 0.1]
    engine.send(sent)
    assert not engine.render(48_000).any()


def test_what_multiplies_a_sound_still_slews() -> None:
    voices = VoiceAllocator(events=MidiIn(), mode="mono")
    engine = Engine(Graph(Mix(audio=Gain(audio=voices.gate, gain=voices.velocity))))
    sent = np.concatenate([note(10, 60), note(400, 62)])
    sent["event"]["value"] = [1.0, 0.5]
    engine.send(sent)
    assert np.abs(np.diff(engine.render(1_000)[20:, 0])).max() < 0.01
