"""`reset` on every node that follows a clock: a sequence restarts at that frame."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import RATE, heard, held, jumps, no_clock, ons, sixty, stuck

import nodes
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.testing import block_of

SEQUENCERS = {
    "Steps": {"steps": "C4 D4?0.5 E4x2@0.5 . G4 A4?0.5"},
    "Euclid": {"pulses": 5, "steps": 7, "probability": 0.8, "seed": 4},
    "Notes": {"notes": "C4 D4 . E4 F4"},
    "Melody": {"seed": 2, "step": 0.2},
    "ShiftRegister": {"seed": 2, "change": 0.5},
    "Markov": {"seed": 2, "step": 0.2},
    "Pattern": {"drums": "kick: x35x snare: ..x7", "beats": 2, "seed": 5},
    "Arpeggio": {"mode": "walk", "seed": 2, "step": 0.1},
}
KEYS = held(*((0, 9_999, key) for key in range(60, 68)))


def played(name, clock, frames=0, split=0, **more):
    events = KEYS if name == "Arpeggio" else ()
    return heard(getattr(nodes, name), clock, events, frames, split, **SEQUENCERS[name], **more)


def at(frames, *places):
    """A trigger signal."""
    signal = np.zeros(frames)
    for place in places:
        signal[place : place + 3] = 1.0
    return signal


@pytest.mark.parametrize("name", SEQUENCERS)
def test_a_reset_starts_the_sequence_again_at_its_frame(name):
    whole = played(name, sixty(5_000), reset=at(5_000, 2_300))
    before, after = ons(played(name, sixty(2_300))), ons(played(name, sixty(2_700)))
    assert len(after) > 4
    assert ons(whole) == before + [(frame + 2_300, key) for frame, key in after]
    assert not [key for key in stuck(whole) if key not in stuck(played(name, sixty(2_700)))]


@pytest.mark.parametrize("name", SEQUENCERS)
def test_a_reset_in_any_split_of_frames_is_the_same(name):
    reset = at(4_000, 1_300, 2_750)
    assert played(name, sixty(4_000), reset=reset, split=400) == played(name, sixty(4_000), reset=reset, split=16)


@pytest.mark.parametrize("name", ["Steps", "Euclid", "Notes", "Melody", "ShiftRegister", "Markov", "Pattern"])
def test_without_a_clock_a_reset_starts_again_too(name):
    reset = at(4_000, 1_300)
    whole = ons(played(name, no_clock(4_000), 4_000, tempo=60.0, reset=reset))
    first = ons(played(name, no_clock(2_700), 2_700, tempo=60.0))
    assert [(frame - 1_300, key) for frame, key in whole if frame >= 1_300] == first


def test_a_reset_within_the_frame_of_a_line_stays_on_the_grid():
    clock = sixty(4_000)
    clock.beat[:] += 0.0004  # every grid line falls 0.4 frames before its frame
    reset = at(4_000, 1_500)
    found = ons(heard(nodes.Steps, clock, steps="C4 D4 E4", reset=reset))
    assert [frame for frame, _ in found] == [*range(250, 4_000, 250)]
    assert dict(found)[1_500] == 60


def test_a_clock_that_jumps_to_before_the_reset_takes_the_sequence_back_to_its_own_count():
    clock = jumps(sixty(3_000), 2_000, 0.0)
    found = ons(heard(nodes.Steps, clock, steps="C4 D4 E4 F4 G4", reset=at(3_000, 1_500)))
    assert found[6:8] == [(1_500, 60), (1_750, 62)]
    assert found[8:] == ons([(f + 2_000, k, key, v) for f, k, key, v in heard(nodes.Steps, sixty(1_000),
                             steps="C4 D4 E4 F4 G4")])  # fmt: skip


def test_automation_starts_again_in_beats_bars_and_seconds():
    for unit, points in (("beats", "0: 0, 8: 8"), ("bars", "0: 0, 2: 8"), ("seconds", "0: 0, 8: 8")):
        reset = at(3_000, 1_250).astype(np.float32)[:, None]
        block = block_of(nodes.Automation, clock=sixty(3_000), sample_rate=RATE, points=points, unit=unit, reset=reset)
        nodes.Automation.process(block)
        expected = np.arange(3_000) / 1_000
        expected[1_250:] -= 1.25
        np.testing.assert_allclose(block.out[:, 0], expected, atol=2e-6)


@pytest.mark.skipif(PLAIN, reason="a whole patch in plain Python takes minutes")
def test_a_polymeter_is_reset_by_another_sequencer_in_a_patch():
    text = """\
nodes:
  beat: {node: Transport, tempo: 120}
  one: {node: Steps, clock: beat, steps: "C3 . . . . . . ."}
  voice: {node: VoiceAllocator, events: one, mode: mono}
  five: {node: Steps, clock: beat, steps: "C4 . . . .", RESET}
  voices: {node: VoiceAllocator, events: five, mode: mono}
  out: {node: Mix, audio: voices.trigger}
out: out
"""
    found = {}
    for word in ("reset: 0", "reset: voice.trigger"):
        audio = loads(text.replace("RESET", word)).render(seconds=4, rate=8_000)
        found[word] = np.flatnonzero(audio[:, 0] > 0.5)
    np.testing.assert_array_equal(found["reset: 0"], np.arange(0, 32_000, 5_000))
    np.testing.assert_array_equal(
        found["reset: voice.trigger"], np.sort([*range(0, 32_000, 8_000), *range(5_000, 32_000, 8_000)])
    )
