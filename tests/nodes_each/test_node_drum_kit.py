from __future__ import annotations

import re

import numpy as np
import pytest
from struck import band_level, cents, need_compiled, pitch

from graph import NOTE_OFF, NOTE_ON, NodeError
from graph.memory.events import emit, new_events
from graph.testing import block_of
from nodes import DrumKit
from nodes.dsp.drums.kit import DRUMS, GROUPS, KEYS


def drum(*notes, seconds=0.5, sample_rate=48_000.0, **values):
    """A block after notes (time, key, velocity[, channel])."""
    events = new_events()
    for time, key, velocity, *channel in notes:
        emit(events, round(time * sample_rate), NOTE_ON, channel[0] if channel else 1, 0, key, velocity)
    frames = round(seconds * sample_rate)
    need_compiled(frames)
    block = block_of(DrumKit, frames=frames, sample_rate=sample_rate, name="kit", events=events, **values)
    DrumKit.process(block)
    assert np.isfinite(block.out).all()
    return block


def loud(x):
    return np.sqrt((np.asarray(x, float) ** 2).mean())


def test_the_map_is_general_midis():
    assert sorted(KEYS) == list(range(35, 82))
    drums = {36: "kick", 38: "snare", 39: "clap", 42: "hat", 49: "crash", 51: "ride", 56: "cowbell", 75: "clave"}
    assert {key: KEYS[key][0] for key in drums} == drums


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_sounds_in_its_group_alone_and_stays_in_range(key):
    block = drum((0.0, key, 1.0), seconds=0.1)
    peak = np.abs(block.out).max()
    assert 0.1 < peak < 1.2
    group = GROUPS[DRUMS[KEYS[key][0]][16 + 1]]
    np.testing.assert_array_equal(getattr(block, group), block.out)
    assert all(not getattr(block, other).any() for other in GROUPS if other != group)


def test_toms_rise_as_their_keys_do():
    found = []
    for key in (41, 43, 45, 47, 48, 50):
        x = drum((0.0, key, 1.0)).out.sum(axis=1)[9_600:]
        found.append(pitch(x, 48_000, 130, 1_400))
    assert found == sorted(found)


@pytest.mark.parametrize("sample_rate", [8_000.0, 192_000.0])
def test_tuning_is_in_semitones_at_every_rate(sample_rate):
    x = drum((0.0, 41, 1.0), sample_rate=sample_rate, seconds=0.8, toms_tune=7.0).out.sum(axis=1)
    wanted = 82 * 2 ** (7 / 12)
    assert abs(cents(pitch(x[round(0.35 * sample_rate) :], sample_rate, wanted), wanted)) < 3


def test_a_closed_hat_chokes_the_open_one():
    ringing = drum((0.0, 46, 1.0)).out[14_400:]
    choked = drum((0.0, 46, 1.0), (0.1, 42, 0.3)).out[14_400:]
    assert loud(choked) < 0.02 * loud(ringing)


def test_other_drums_do_not_choke_it():
    ringing = drum((0.0, 46, 1.0)).hats
    np.testing.assert_array_equal(drum((0.0, 46, 1.0), (0.1, 36, 1.0)).hats, ringing)


def test_levels_and_pan_positions_are_per_group():
    plain = drum((0.0, 36, 1.0), (0.0, 38, 1.0))
    moved = drum((0.0, 36, 1.0), (0.0, 38, 1.0), kick_level=0.5, snare_pan=1.0)
    np.testing.assert_allclose(moved.kick, 0.5 * plain.kick, atol=1e-6)
    assert not moved.snare[:, 0].any()
    assert loud(moved.snare) == pytest.approx(loud(plain.snare), rel=1e-4)


def test_a_single_drum_is_trimmed_apart_from_its_group():
    plain = drum((0.0, 56, 1.0), (0.0, 75, 1.0))
    clave = drum((0.0, 75, 1.0)).out
    moved = drum((0.0, 56, 1.0), (0.0, 75, 1.0), trim="cowbell: level 0.5")
    np.testing.assert_allclose(moved.out, clave + 0.5 * (plain.out - clave), atol=1e-6)
    left = drum((0.0, 56, 1.0), trim="cowbell: pan -1").out
    assert loud(left[:, 0]) > 0.01
    assert not left[:, 1].any()
    routed = drum((0.0, 56, 1.0), trim="cowbell: group toms")
    np.testing.assert_array_equal(routed.toms, drum((0.0, 56, 1.0)).percussion)
    assert not routed.percussion.any()


def test_all_keys_of_a_drum_are_tuned_together():
    for key, ratio in ((41, 1), (43, 2 ** (3 / 12))):
        x = drum((0.0, key, 1.0), seconds=0.8, trim="low tom: tune 7, cowbell: tune -3 level 2").out.sum(axis=1)
        wanted = 82 * ratio * 2 ** (7 / 12)
        assert abs(cents(pitch(x[16_800:], 48_000, wanted), wanted)) < 3


def test_a_borrowed_drum_of_another_kit_is_trimmed_by_its_name():
    assert not drum((0.0, 49, 1.0), kit="club", trim="crash: level 0").out.any()
    assert drum((0.0, 49, 1.0), kit="club", trim="kick: level 0").out.any()


@pytest.mark.parametrize(
    ("trim", "why"),
    [
        ("cowbel: level 1", "no 'cowbel'. Did you mean 'cowbell'"),
        ("cowbell: loud 1", "drums have no setting 'loud'"),
        ("cowbell: level", "is not a trim; write"),
        ("cowbell level 1", "is not a trim; write"),
        ("cowbell: level x", "level should be a number, not 'x'"),
        ("cowbell: level nan", "level nan is outside 0 .. 4"),
        ("cowbell: pan -2", "pan -2 is outside -1 .. 1"),
        ("cowbell: group tom", "'tom' is not a drum group. Did you mean 'toms'"),
        ("cowbell: level 1, cowbell: pan 1", "'cowbell' appears twice"),
    ],
)
def test_an_unreadable_trim_is_reported_with_the_reason(trim, why):
    with pytest.raises(NodeError, match=re.escape(why)) as caught:
        DrumKit(trim=trim).validate()
    assert "drum_kit.trim" in str(caught.value)


def test_velocity_is_loudness():
    assert loud(drum((0.0, 38, 1.0)).out) > 3 * loud(drum((0.0, 38, 0.25)).out)


def test_a_note_falls_on_its_exact_frame():
    block = drum((0.1, 38, 1.0), seconds=0.2)
    assert not block.out[:4_800].any()
    assert block.out[4_800:4_803].any()


def test_only_the_selected_channel_plays():
    assert not drum((0.0, 36, 1.0, 3), seconds=0.02, channel=10).out.any()
    assert drum((0.0, 36, 1.0, 10), seconds=0.02, channel=10).out.any()


def test_note_offs_and_unmapped_keys_are_ignored():
    events = new_events()
    emit(events, 0, NOTE_OFF, 1, 0, 36, 0.5)
    emit(events, 0, NOTE_ON, 1, 0, 34, 1.0)
    emit(events, 0, NOTE_ON, 1, 0, 82, 1.0)
    block = block_of(DrumKit, frames=960, events=events)
    DrumKit.process(block)
    assert not block.out.any()


def test_it_ends_in_silence():
    assert not drum((0.0, 39, 1.0), (0.0, 42, 1.0), seconds=1.2).out[-2_400:].any()


def test_a_crash_is_brighter_than_a_tom():
    crash, tom = (drum((0.0, key, 1.0)).out[:, 0] for key in (49, 45))
    bright = [band_level(x, 48_000, 3_000, 20_000) - band_level(x, 48_000, 20, 1_000) for x in (crash, tom)]
    assert bright[0] > bright[1] + 30
