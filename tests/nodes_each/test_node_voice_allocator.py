"""VoiceAllocator: the voice that takes each note, and its outputs, to the frame."""

from __future__ import annotations

import random

import numpy as np
import pytest

from graph import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BEND,
    CONTROL,
    KEY_PRESSURE,
    NOTE_OFF,
    NOTE_ON,
    PRESSURE,
    RESET_CONTROLLERS,
    SOSTENUTO,
    SUSTAIN,
    TIMBRE,
    emit,
)
from graph.memory.events import new_events
from graph.testing import block_of
from nodes import VoiceAllocator

OUTPUTS = ("freq", "gate", "trigger", "velocity", "strike", "bend", "pressure", "timbre", "release")


def play(events, frames=256, split=64, **values):
    """The outputs after `events`, (frame, kind, number, value[, channel[, note id]]), in blocks of `split`."""
    block = block_of(VoiceAllocator, frames=split, events=new_events(), **values)
    rows = {name: [] for name in OUTPUTS}
    for start in range(0, frames, split):
        block.events.count[:] = 0
        for frame, kind, number, value, *rest in events:
            if start <= frame < start + split:
                channel, note_id = (*rest, *(1, 0)[len(rest) :])
                emit(block.events, frame - start, kind, channel, note_id, number, value)
        VoiceAllocator.process(block)
        for name in OUTPUTS:
            rows[name].append(getattr(block, name).copy())
    return {name: np.concatenate(parts)[:frames] for name, parts in rows.items()}


def on(frame, key, velocity=0.8, *rest):
    return (frame, NOTE_ON, key, velocity, *rest)


def off(frame, key, velocity=0.5, *rest):
    return (frame, NOTE_OFF, key, velocity, *rest)


def pedal(frame, down, number=SUSTAIN, *rest):
    return (frame, CONTROL, number, 1.0 if down else 0.0, *rest)


def hertz(key):
    return 440.0 * 2.0 ** ((key - 69.0) / 12.0)


def steps(signal):
    """(frame, new value) at every change of a signal that starts at 0."""
    changes = np.flatnonzero(np.diff(signal, prepend=0.0))
    return [(int(frame), float(signal[frame])) for frame in changes]


def test_gate_and_trigger_are_exact_to_the_frame():
    out = play([on(13, 69), off(150, 69)], polyphony=2)
    assert steps(out["gate"][:, 0]) == [(13, 1.0), (150, 0.0)]
    assert np.flatnonzero(out["trigger"][:, 0]).tolist() == [13]
    assert not out["gate"][:, 1].any()
    assert not out["trigger"][:, 1].any()


def test_frequency_is_within_a_hundredth_of_a_cent_of_equal_temperament():
    keys = [0.0, 21.0, 60.0, 60.5, 69.0, 69.01, 127.0]
    out = play([on(i, key) for i, key in enumerate(keys)], frames=64, polyphony=8)
    cents = 1200 * np.log2(out["freq"][20, : len(keys)].astype(float) / [hertz(key) for key in keys])
    assert np.abs(cents).max() < 0.01


def test_velocity_and_release_velocity_pass():
    out = play([on(5, 60, 0.25), off(90, 60, 0.75)], polyphony=1)
    assert steps(out["velocity"][:, 0]) == [(5, 0.25)]
    assert steps(out["release"][:, 0]) == [(90, 0.75)]


def test_note_on_with_velocity_zero_is_a_note_off():
    out = play([on(5, 60), on(90, 60, 0.0)], polyphony=1)
    assert steps(out["gate"][:, 0]) == [(5, 1.0), (90, 0.0)]


def test_voices_never_used_come_first_then_the_one_silent_longest():
    out = play([on(0, 60), off(1, 60), on(2, 61), off(3, 61), on(4, 62), off(5, 62), on(6, 63), on(7, 64)], polyphony=3)
    assert np.argmax(out["trigger"], axis=1)[[0, 2, 4, 6, 7]].tolist() == [0, 1, 2, 0, 1]


def test_stealing_takes_keys_held_by_the_pedal_before_the_oldest():
    events = [on(0, 60), on(1, 61), on(2, 62), pedal(3, True), off(4, 62), off(5, 61), on(6, 70), on(7, 71), on(8, 72)]
    out = play(events, polyphony=3)
    assert [np.flatnonzero(out["trigger"][frame]).tolist() for frame in (6, 7, 8)] == [[2], [1], [0]]


def test_a_stolen_voice_starts_the_new_note_at_its_frame_with_its_gate_open():
    out = play([on(0, 60), on(100, 72)], polyphony=1)
    assert (out["gate"] == 1).all()
    assert np.flatnonzero(out["trigger"][:, 0]).tolist() == [0, 100]
    np.testing.assert_allclose(out["freq"][[99, 100], 0], [hertz(60), hertz(72)], rtol=1e-6)


def test_note_off_of_a_stolen_note_is_ignored():
    out = play([on(0, 60), on(50, 72), off(100, 60), off(150, 72)], polyphony=1)
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (150, 0.0)]


def test_a_key_that_sounds_takes_its_own_voice_again():
    out = play([on(0, 60), on(10, 64), on(20, 60)], polyphony=4)
    assert np.flatnonzero(out["trigger"][20]).tolist() == [0]
    assert out["gate"][20].tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize("polyphony", [1, 4])
def test_off_and_on_at_one_frame_is_a_trigger_with_the_gate_staying_open(polyphony):
    out = play([on(0, 60), off(100, 60), on(100, 60)], polyphony=polyphony)
    assert (out["gate"][:, 0] == 1).all()
    assert np.flatnonzero(out["trigger"][:, 0]).tolist() == [0, 100]


def test_velocity_of_a_stolen_voice_slews_in_five_milliseconds():
    out = play([on(0, 60, 1.0), on(100, 72, 0.5)], frames=512, polyphony=1)["velocity"][:, 0]
    np.testing.assert_allclose(out[100:341], np.linspace(1.0, 0.5, 241), atol=1e-5)
    assert (out[340:] == 0.5).all()


def test_the_strike_of_a_stolen_voice_is_there_with_its_trigger():
    out = play([on(0, 60, 1.0), on(100, 72, 0.5), on(300, 72, 0.75)], frames=512, polyphony=1)
    assert steps(out["strike"][:, 0]) == [(0, 1.0), (100, 0.5), (300, 0.75)]
    assert np.flatnonzero(out["trigger"][:, 0]).tolist() == [0, 100, 300]


def test_velocity_steps_once_a_voice_was_silent_for_two_seconds():
    early = play([on(0, 60, 1.0), off(10, 60), on(2009, 60, 0.5)], frames=2048, polyphony=1, sample_rate=1_000.0)
    late = play([on(0, 60, 1.0), off(10, 60), on(2010, 60, 0.5)], frames=2048, polyphony=1, sample_rate=1_000.0)
    assert early["velocity"][2009:2015, 0] == pytest.approx([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
    assert late["velocity"][2009:2012, 0].tolist() == [1.0, 0.5, 0.5]


def test_the_sustain_pedal_holds_until_it_is_released():
    out = play([on(0, 60), pedal(10, True), off(20, 60), on(30, 61), pedal(100, False)], polyphony=2)
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (100, 0.0)]
    assert steps(out["gate"][:, 1]) == [(30, 1.0)]


def test_sustain_holds_only_its_own_channel():
    out = play([on(0, 60, 0.8, 1), on(0, 61, 0.8, 2), pedal(5, True, SUSTAIN, 2), off(9, 60), off(9, 61, 0.5, 2)])
    assert out["gate"][200, :2].tolist() == [0, 1]


def test_a_half_pressed_pedal_counts_from_one_half():
    up = [on(0, 60), (1, CONTROL, SUSTAIN, 63 / 127), off(2, 60)]
    down = [on(0, 60), (1, CONTROL, SUSTAIN, 64 / 127), off(2, 60)]
    assert play(up)["gate"][100, 0] == 0
    assert play(down)["gate"][100, 0] == 1


def test_sostenuto_holds_the_keys_that_were_down_and_no_later_ones():
    events = [on(0, 60), pedal(10, True, SOSTENUTO), on(20, 61), off(30, 60), off(30, 61), pedal(90, False, SOSTENUTO)]
    out = play(events)
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (90, 0.0)]
    assert steps(out["gate"][:, 1]) == [(20, 1.0), (30, 0.0)]


def test_all_notes_off_releases_the_keys_and_respects_the_pedal():
    events = [on(0, 60), on(0, 61, 0.8, 2), (50, CONTROL, ALL_NOTES_OFF, 0.0)]
    assert play(events)["gate"][100, :2].tolist() == [0, 1]
    out = play([on(0, 60), pedal(9, True), (50, CONTROL, ALL_NOTES_OFF, 0.0), pedal(100, False)])
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (100, 0.0)]


def test_all_sound_off_drops_gates_at_once_whatever_the_pedals_do():
    out = play([on(0, 60), pedal(9, True), on(9, 61, 0.8, 2), (50, CONTROL, ALL_SOUND_OFF, 0.0)])
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (50, 0.0)]
    assert out["gate"][200, 1] == 1


def test_reset_controllers_centers_bend_and_pressure_and_lifts_the_pedals():
    events = [on(0, 69), (1, BEND, 0, 1.0), (1, PRESSURE, 0, 0.7), pedal(1, True), off(2, 69)]
    out = play([*events, (100, CONTROL, RESET_CONTROLLERS, 0.0)], frames=512)
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (100, 0.0)]
    assert out["freq"][[99, 100], 0] == pytest.approx([hertz(71), 440.0])
    assert out["pressure"][[99, 400], 0] == pytest.approx([0.7 * 98 / 240, 0.0], abs=1e-5)


def test_bend_moves_the_voices_of_its_channel_by_the_bend_range():
    events = [on(0, 60, 0.8, 2), on(0, 64, 0.8, 3), (30, BEND, 0, -0.5, 3)]
    out = play(events, bend_range=48.0)
    np.testing.assert_allclose(out["freq"][29, :2], [hertz(60), hertz(64)], rtol=1e-6)
    np.testing.assert_allclose(out["freq"][30, :2], [hertz(60), hertz(40)], rtol=1e-6)
    assert out["bend"][30, :2].tolist() == [0.0, -0.5]


def test_a_new_note_starts_with_the_bend_of_its_channel():
    out = play([(0, BEND, 0, 1.0), on(40, 60)])
    assert out["freq"][40, 0] == pytest.approx(hertz(62))


def test_pressure_is_the_larger_of_channel_and_key():
    events = [on(0, 60), on(0, 64), (10, PRESSURE, 0, 0.4), (10, KEY_PRESSURE, 64, 0.9)]
    out = play(events, frames=512)
    np.testing.assert_allclose(out["pressure"][400, :2], [0.4, 0.9], rtol=1e-6)


def test_timbre_follows_controller_74_over_five_milliseconds():
    out = play([on(0, 60), (100, CONTROL, TIMBRE, 1.0)], frames=512)["timbre"][:, 0]
    np.testing.assert_allclose(out[100:341], np.linspace(0.5, 1.0, 241), atol=1e-5)
    assert out[511] == 1.0


def test_note_id_distinguishes_two_note_offs_of_one_key():
    events = [on(0, 60, 0.8, 1, 7), on(50, 60, 0.8, 1, 8), off(100, 60, 0.5, 1, 7), off(150, 60, 0.5, 1, 8)]
    assert steps(play(events)["gate"][:, 0]) == [(0, 1.0), (150, 0.0)]


def test_glide_is_linear_in_semitones_and_takes_its_time_exactly():
    out = play([on(0, 48), on(100, 72)], frames=700, split=50, polyphony=1, glide=0.01)["freq"][:, 0]
    semitones = 12 * np.log2(out.astype(float) / 440) + 69
    np.testing.assert_allclose(semitones[100:581], np.linspace(48, 72, 481), atol=2e-5)
    assert semitones[600] == pytest.approx(72, abs=1e-6)
    assert semitones[0] == pytest.approx(48, abs=1e-6)


def test_bend_during_a_glide_adds_to_it():
    out = play([on(0, 48), on(0, 60), (240, BEND, 0, 1.0)], frames=512, polyphony=1, glide=0.01)["freq"][:, 0]
    semitones = 12 * np.log2(out.astype(float) / 440) + 69
    assert semitones[[239, 240, 500]] == pytest.approx([48 + 12 * 239 / 480, 48 + 6 + 2, 62], abs=1e-4)


def test_mono_triggers_every_note_and_returns_to_a_held_key():
    out = play([on(0, 60), on(50, 64), off(100, 64), off(150, 60)], mode="mono")
    assert out["gate"].shape[1] == 1
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (150, 0.0)]
    assert np.flatnonzero(out["trigger"][:, 0]).tolist() == [0, 50, 100]
    np.testing.assert_allclose(out["freq"][[49, 50, 100, 200], 0], [hertz(k) for k in (60, 64, 60, 60)], rtol=1e-6)


def test_legato_triggers_only_the_first_note_of_a_phrase():
    out = play([on(0, 60), on(50, 64), off(100, 64), off(150, 60), on(200, 62)], mode="legato")
    assert np.flatnonzero(out["trigger"][:, 0]).tolist() == [0, 200]
    np.testing.assert_allclose(out["freq"][[50, 100, 200], 0], [hertz(k) for k in (64, 60, 62)], rtol=1e-6)


def test_legato_glides_only_between_overlapping_notes_and_mono_always():
    detached = [on(0, 48), off(50, 48), on(100, 72)]
    legato = play(detached, mode="legato", glide=0.01)["freq"][:, 0]
    mono = play(detached, mode="mono", glide=0.01)["freq"][:, 0]
    bound = play([on(0, 48), on(100, 72), off(101, 48)], mode="legato", glide=0.01)["freq"][:, 0]
    assert legato[100] == pytest.approx(hertz(72))
    assert mono[100] == pytest.approx(hertz(48))
    assert bound[[100, 220]] == pytest.approx([hertz(48), hertz(54)], rel=1e-5)


@pytest.mark.parametrize(("priority", "sounding"), [("last", 62), ("high", 67), ("low", 60)])
def test_priority_decides_which_held_key_sounds(priority, sounding):
    out = play([on(0, 60), on(10, 67), on(20, 62)], mode="mono", priority=priority)
    assert out["freq"][100, 0] == pytest.approx(hertz(sounding))


def test_mono_with_the_pedal_holds_the_last_note():
    out = play([on(0, 60), pedal(5, True), off(50, 60), pedal(100, False)], mode="mono")
    assert steps(out["gate"][:, 0]) == [(0, 1.0), (100, 0.0)]


def test_unison_spreads_all_voices_over_one_note():
    out = play([on(7, 69), off(100, 69)], mode="unison", polyphony=5, detune=10.0)
    cents = 1200 * np.log2(out["freq"][50].astype(float) / 440)
    np.testing.assert_allclose(cents, [-10, -5, 0, 5, 10], atol=0.01)
    assert (out["trigger"][7] == 1).all()
    assert (out["gate"][7:100] == 1).all()
    assert not out["gate"][100:].any()


def test_unison_of_one_voice_is_in_tune():
    assert play([on(0, 69)], mode="unison", polyphony=1)["freq"][9, 0] == 440.0


def test_an_unplayed_voice_is_silent_and_at_a_usable_pitch():
    out = play([], polyphony=3)
    assert (out["freq"] == 440.0).all()
    assert all(not out[name].any() for name in OUTPUTS if name not in ("freq", "timbre"))


def test_an_idle_allocator_leaves_its_held_outputs_alone():
    block = block_of(VoiceAllocator, polyphony=2)
    emit(block.events, 3, NOTE_ON, 1, 0, 60.0, 0.5)
    VoiceAllocator.process(block)
    block.events.count[0] = 0
    VoiceAllocator.process(block)
    assert not block.trigger.any()
    assert (block.gate == [1, 0]).all()
    block.gate[:] = 0.25
    VoiceAllocator.process(block)
    assert (block.gate == 0.25).all()


def test_fresh_buffers_are_filled_although_nothing_changed():
    block = block_of(VoiceAllocator, polyphony=2)
    emit(block.events, 3, NOTE_ON, 1, 0, 60.0, 0.5)
    VoiceAllocator.process(block)
    block.events.count[0] = 0
    VoiceAllocator.process(block)
    for name in OUTPUTS:
        getattr(block, name)[:] = 0
    VoiceAllocator.process(block)
    assert (block.gate == [1, 0]).all()
    assert block.freq[0] == pytest.approx([hertz(60), 440.0])


class Voice:
    def __init__(self):
        self.key, self.held, self.caught, self.gate = None, False, False, False
        self.struck = self.lifted = self.released = -1
        self.released_at = None


def model(events, polyphony, frames):
    """Gates, triggers and keys from the simplest reading of the rules: one channel, poly."""
    voices, sustain, sostenuto = [Voice() for _ in range(polyphony)], False, False
    gate, trigger, keys = (np.zeros((frames, polyphony)) for _ in range(3))
    keys[:] = 69
    for order, (frame, kind, number, value) in enumerate(events):
        if kind == NOTE_ON:
            same = [v for v in voices if v.key == number and (v.gate or v.released_at == frame)]
            unused = [v for v in voices if v.key is None]
            free = sorted((v for v in voices if not v.gate), key=lambda v: v.released)
            pedalled = sorted((v for v in voices if not v.held), key=lambda v: v.lifted)
            voice = (same or unused or free or pedalled or sorted(voices, key=lambda v: v.struck))[0]
            voice.key, voice.held, voice.caught, voice.gate, voice.struck = number, True, False, True, order
            trigger[frame, voices.index(voice)] = 1
            keys[frame:, voices.index(voice)] = number
        elif kind == NOTE_OFF or number == ALL_NOTES_OFF:
            for voice in voices:
                if voice.held and (kind != NOTE_OFF or voice.key == number):
                    voice.held, voice.lifted = False, order
        elif number == SUSTAIN:
            sustain = value >= 0.5
        elif number == SOSTENUTO:
            if value >= 0.5 and not sostenuto:
                for voice in voices:
                    voice.caught = voice.held
            sostenuto = value >= 0.5
        for i, voice in enumerate(voices):
            if voice.gate and not voice.held and not sustain and not (sostenuto and voice.caught):
                voice.gate, voice.released, voice.released_at = False, order + i / 1000, frame
            gate[frame:, i] = voice.gate
    return gate, trigger, keys


def storm(seed, frames):
    """A few hundred random events, with everything released at the end."""
    rng = random.Random(seed)
    events = []
    for frame in sorted(rng.choices(range(frames - 20), k=150)):
        kind = rng.choice(["on", "on", "on", "off", "off", "sustain", "sostenuto", "panic"])
        key = rng.randrange(60, 68)
        if kind == "on":
            events.append(on(frame, key, 0.8))
        elif kind == "off":
            events.append(off(frame, key))
        elif kind == "panic":
            events.extend([(frame, CONTROL, ALL_NOTES_OFF, 0.0)] if rng.random() < 0.2 else [])
        else:
            events.append(pedal(frame, rng.random() < 0.5, SUSTAIN if kind == "sustain" else SOSTENUTO))
    end = frames - 10
    return [*events, pedal(end, False), pedal(end, False, SOSTENUTO), (end, CONTROL, ALL_NOTES_OFF, 0.0)]


@pytest.mark.parametrize("seed", range(8))
def test_a_storm_of_events_agrees_with_the_plain_rules_and_leaves_no_note_hanging(seed):
    frames, polyphony = 640, 1 + seed % 4
    events = storm(seed, frames)
    gate, trigger, keys = model(events, polyphony, frames)
    out = play(events, frames=frames, polyphony=polyphony)
    np.testing.assert_array_equal(out["gate"], gate)
    np.testing.assert_array_equal(out["trigger"], trigger)
    np.testing.assert_allclose(out["freq"], hertz(keys), rtol=1e-6)
    assert not out["gate"][-1].any()


@pytest.mark.parametrize("mode", ["mono", "legato", "unison"])
def test_a_storm_leaves_no_note_hanging_on_a_single_voice(mode):
    for seed in range(4):
        out = play(storm(seed, 640), frames=640, mode=mode, polyphony=2)
        assert out["gate"][:600].any()
        assert not out["gate"][-1].any()


@pytest.mark.parametrize("mode", ["poly", "mono", "legato", "unison"])
def test_any_split_of_frames_gives_the_same_samples(mode):
    events = [*storm(3, 480), (33, BEND, 0, 0.3), (100, PRESSURE, 0, 0.5), (201, BEND, 0, -0.7)]
    events.sort(key=lambda event: event[0])
    whole, *parts = (play(events, 480, split, mode=mode, polyphony=3, glide=0.004) for split in (480, 96, 1))
    for part in parts:
        for name in OUTPUTS:
            np.testing.assert_array_equal(part[name], whole[name], err_msg=name)


def test_more_keys_than_are_remembered_do_no_harm():
    events = [on(i % 60, i, 0.8, channel) for channel in (1, 2) for i in range(120)]
    out = play(sorted(events, key=lambda e: e[0]), mode="mono")
    assert out["gate"][100, 0] == 1
    assert np.isfinite(out["freq"]).all()


def rpn(frame, parameter, value, channel=1, cents=None):
    """Selects a registered parameter and sets its value."""
    halves = [(101, 0), (100, parameter), (6, value)] + ([] if cents is None else [(38, cents)])
    return [(frame, CONTROL, number, half / 127, channel) for number, half in halves]


def semitones(out, voice=0):
    """The pitch of a voice in keys."""
    return 12 * np.log2(out["freq"][:, voice].astype(float) / 440) + 69


def test_parameter_0_sets_the_range_of_the_bend_in_semitones_and_cents():
    out = play([*rpn(0, 0, 12, cents=50), on(1, 60), (100, BEND, 0, 1.0), (200, BEND, 0, -0.5)], polyphony=1)
    assert semitones(out)[[50, 150, 250]] == pytest.approx([60, 72.5, 53.75], abs=1e-3)


def test_a_new_bend_range_applies_to_a_bend_in_progress():
    out = play([on(0, 60), (10, BEND, 0, 1.0), *rpn(100, 0, 7)], polyphony=1)
    assert semitones(out)[[99, 100]] == pytest.approx([62, 67], abs=1e-3)


def test_the_range_is_the_channel_s_own():
    events = [*rpn(0, 0, 12, channel=2), on(1, 60), on(1, 60, 0.8, 2), (2, BEND, 0, 1.0, 1), (2, BEND, 0, 1.0, 2)]
    out = play(events, polyphony=2)
    assert [semitones(out, voice)[50] for voice in range(2)] == pytest.approx([62, 72], abs=1e-3)


@pytest.mark.parametrize("naming", [[(99, 0), (98, 0)], [(101, 127), (100, 127)], [(101, 0), (100, 1)]])
def test_data_for_any_other_parameter_leaves_the_range_alone(naming):
    named = [(0, CONTROL, number, half / 127) for number, half in [(101, 0), (100, 0), *naming, (6, 24)]]
    out = play([*named, on(1, 60), (2, BEND, 0, 1.0)], polyphony=1)
    assert semitones(out)[50] == pytest.approx(62, abs=1e-3)


def test_reset_controllers_ends_bend_pedals_and_pressure_and_keeps_the_range_of_the_bend():
    events = [*rpn(0, 0, 12), on(1, 60), (2, BEND, 0, 1.0), (2, PRESSURE, 0, 0.7), pedal(2, True), off(50, 60)]
    events += [(100, CONTROL, RESET_CONTROLLERS, 0.0), (150, CONTROL, 6, 1.0), on(200, 60), (201, BEND, 0, 1.0)]
    out = play(events, polyphony=1, frames=512)
    assert steps(out["gate"][:, 0]) == [(1, 1.0), (100, 0.0), (200, 1.0)]
    assert semitones(out)[[99, 100, 250]] == pytest.approx([72, 60, 72], abs=1e-3)
    assert out["pressure"][450, 0] == 0.0


def test_keys_have_pressures_of_their_own_and_the_channel_s_lifts_them_all():
    events = [on(0, 60), on(0, 64), (10, KEY_PRESSURE, 60, 0.9), (10, KEY_PRESSURE, 64, 0.1), (10, PRESSURE, 0, 0.4)]
    out = play(events, frames=512, polyphony=2)
    assert out["pressure"][500].tolist() == pytest.approx([0.9, 0.4])


ZONE = rpn(0, 6, 15)
"""Makes a lower zone of 15 members."""


@pytest.mark.parametrize(("given", "options"), [(ZONE, {}), ([], {"mpe": "lower"})])
def test_in_a_zone_each_note_bends_by_its_own_channel_over_48_semitones_and_all_by_the_master_s_over_2(given, options):
    events = [*given, on(1, 60, 0.8, 2), on(1, 64, 0.8, 3), (10, BEND, 0, 0.25, 2), (20, BEND, 0, 0.5, 1)]
    out = play(events, polyphony=2, **options)
    assert semitones(out, 0)[[5, 15, 25]] == pytest.approx([60, 72, 73], abs=1e-3)
    assert semitones(out, 1)[[5, 15, 25]] == pytest.approx([64, 64, 65], abs=1e-3)
    assert out["bend"][25].tolist() == pytest.approx([0.25, 0.0])


def test_a_member_s_range_is_its_whole_zone_s():
    events = [*ZONE, *rpn(1, 0, 24, channel=5), on(2, 60, 0.8, 2), (10, BEND, 0, 0.5, 2), (10, BEND, 0, 1.0, 1)]
    assert semitones(play(events, polyphony=1))[50] == pytest.approx(60 + 12 + 2, abs=1e-3)


def test_an_upper_zone_is_led_by_channel_16():
    events = [*rpn(0, 6, 3, channel=16), on(1, 60, 0.8, 13), on(1, 60, 0.8, 12), (10, BEND, 0, 1.0, 16)]
    out = play(events, polyphony=2)
    assert [semitones(out, voice)[50] for voice in range(2)] == pytest.approx([62, 60], abs=1e-3)


def test_two_zones_do_not_interfere_and_the_later_one_takes_its_channels():
    events = [*rpn(0, 6, 10, channel=1), *rpn(1, 6, 8, channel=16)]  # 2 .. 7 stay below, 8 .. 15 go above
    events += [on(2, 60, 0.8, 7), on(2, 60, 0.8, 8), (10, BEND, 0, 1.0, 1), (100, BEND, 0, -1.0, 16)]
    out = play(events, polyphony=2)
    assert semitones(out, 0)[[50, 150]] == pytest.approx([62, 62], abs=1e-3)
    assert semitones(out, 1)[[50, 150]] == pytest.approx([60, 58], abs=1e-3)


def test_a_zone_of_no_members_is_none():
    events = [*ZONE, *rpn(1, 6, 0), on(2, 60, 0.8, 2), (10, BEND, 0, 1.0, 1), (20, BEND, 0, 1.0, 2)]
    assert semitones(play(events, polyphony=1))[[15, 25]] == pytest.approx([60, 62], abs=1e-3)


def test_off_ignores_all_zone_messages():
    events = [*ZONE, on(1, 60, 0.8, 2), (10, BEND, 0, 1.0, 1), (20, BEND, 0, 1.0, 2)]
    assert semitones(play(events, polyphony=1, mpe="off"))[[15, 25]] == pytest.approx([60, 62], abs=1e-3)


def test_pressure_and_timbre_of_the_master_add_to_those_of_each_note():
    events = [*ZONE, on(1, 60, 0.8, 2), on(1, 64, 0.8, 3), (10, PRESSURE, 0, 0.8, 2), (10, PRESSURE, 0, 0.4, 1)]
    events += [(10, CONTROL, TIMBRE, 0.7, 2), (10, CONTROL, TIMBRE, 0.6, 1)]
    out = play(events, frames=512, polyphony=2)
    assert out["pressure"][500].tolist() == pytest.approx([0.8, 0.4])
    assert out["timbre"][500].tolist() == pytest.approx([0.8, 0.6])


@pytest.mark.parametrize("number", [SUSTAIN, SOSTENUTO])
def test_pedals_of_the_master_hold_the_notes_of_all_its_members(number):
    events = [*ZONE, on(1, 60, 0.8, 2), pedal(10, True, number, 1), off(20, 60, 0.5, 2), pedal(100, False, number, 1)]
    assert steps(play(events, polyphony=1)["gate"][:, 0]) == [(1, 1.0), (100, 0.0)]


@pytest.mark.parametrize("number", [ALL_NOTES_OFF, ALL_SOUND_OFF])
@pytest.mark.parametrize("mode", ["poly", "mono"])
def test_the_master_ends_all_notes_of_its_zone(number, mode):
    out = play([*ZONE, on(1, 60, 0.8, 2), on(1, 64, 0.8, 3), (100, CONTROL, number, 0.0, 1)], polyphony=2, mode=mode)
    assert out["gate"][50].any()
    assert not out["gate"][100:].any()


def test_the_master_resets_its_members_too():
    events = [*ZONE, on(1, 60, 0.8, 2), (10, BEND, 0, 0.25, 2), (100, CONTROL, RESET_CONTROLLERS, 0.0, 1)]
    assert semitones(play(events, polyphony=1))[[50, 150]] == pytest.approx([72, 60], abs=1e-3)


def pitch_at(out, frame, voice=0):
    return 69 + 12 * np.log2(out["freq"][frame, voice] / 440)


def test_glide_by_rate_takes_its_time_per_octave():
    for key, frames in ((62, 800), (72, 4_800), (96, 14_400)):
        events = [on(0, 60), on(100, key)]
        out = play(events, frames=16_000, mode="mono", glide=0.1, glide_by="rate")
        assert pitch_at(out, 100 + frames // 2) == pytest.approx((60 + key) / 2, abs=0.02)
        assert int(np.argmax(np.abs(out["freq"][100:, 0] - hertz(key)) < 1e-3 * hertz(key))) == pytest.approx(
            frames, abs=150
        )


def test_poly_glides_from_the_note_played_last_whichever_voice_takes_the_next_one():
    out = play([on(0, 60), off(50, 60), on(1_000, 72)], frames=6_000, polyphony=4, glide=0.1)
    voice = int(np.argmax(out["gate"][1_500]))
    assert voice == 1
    assert pitch_at(out, 1_000, voice) == pytest.approx(60, abs=0.01)
    assert pitch_at(out, 3_400, voice) == pytest.approx(66, abs=0.01)
    assert pitch_at(out, 5_900, voice) == pytest.approx(72, abs=0.001)


def test_all_notes_of_a_chord_glide_from_the_note_before_it():
    out = play([on(0, 60), on(1_000, 64), on(1_000, 67)], frames=1_100, polyphony=4, glide=0.1)
    assert [round(pitch_at(out, 1_000, voice), 2) for voice in (1, 2)] == [60, 60]


def test_the_first_note_does_not_glide_and_glide_from_voice_begins_at_the_voice_s_own_note():
    assert pitch_at(play([on(0, 60)], polyphony=2, glide=1.0), 0) == pytest.approx(60, abs=0.001)
    events = [on(0, 60), on(10, 64), on(100, 72)]
    out = play(events, polyphony=2, glide=1.0, glide_from="voice")
    assert pitch_at(out, 10, 1) == pytest.approx(64, abs=0.001)
    assert pitch_at(out, 100, 0) == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize("mode", ["poly", "mono", "legato", "unison"])
def test_a_key_that_is_down_twice_ends_with_its_last_off_where_that_counts(mode):
    events = [on(0, 60), on(50, 60), off(100, 60), off(150, 60)]
    counted = play(events, polyphony=2, mode=mode, same_key="count")
    once = play(events, polyphony=2, mode=mode)
    assert steps(counted["gate"][:, 0]) == [(0, 1.0), (150, 0.0)]
    assert steps(once["gate"][:, 0]) == [(0, 1.0), (100, 0.0)]


@pytest.mark.parametrize("mode", ["poly", "mono"])
def test_all_notes_off_ends_a_key_that_is_down_twice(mode):
    events = [on(0, 60), on(50, 60), (100, CONTROL, ALL_NOTES_OFF, 0.0), on(150, 60), off(200, 60)]
    out = play(events, polyphony=2, mode=mode, same_key="count")
    assert steps(out["gate"].max(axis=1)) == [(0, 1.0), (100, 0.0), (150, 1.0), (200, 0.0)]


def test_a_released_voice_of_a_zone_keeps_its_bend_while_its_channel_is_tuned_for_the_next_note():
    events = [
        (0, BEND, 0, 0.25, 2), on(1, 60, 0.8, 2), off(50, 60, 0.5, 2),
        (100, BEND, 0, -0.5, 2), (100, PRESSURE, 0, 0.9, 2), (100, CONTROL, TIMBRE, 1.0, 2),
        on(150, 64, 0.8, 2), (160, BEND, 0, 0.5, 1),
    ]  # fmt: skip
    out = play(events, frames=600, polyphony=2, mpe="lower")
    assert pitch_at(out, 149, 0) == pytest.approx(60 + 12, abs=0.01)
    assert pitch_at(out, 155, 1) == pytest.approx(64 - 24, abs=0.01)
    assert out["pressure"][140, 0] == 0
    assert out["timbre"][599, 0] == 0.5
    assert pitch_at(out, 170, 0) == pytest.approx(60 + 12 + 1, abs=0.01), "the master still bends all"


def test_outside_of_a_zone_a_released_voice_follows_the_wheel():
    out = play([on(0, 60), off(50, 60), (100, BEND, 0, 1.0)], polyphony=1)
    assert pitch_at(out, 110) == pytest.approx(62, abs=0.01)


def test_a_held_bass_is_not_stolen_for_a_higher_note_where_it_is_protected():
    events = [on(0, 36), on(10, 60), on(20, 64), on(30, 67), on(40, 72), on(50, 30), on(60, 74)]
    out = play(events, polyphony=3, keep_lowest=True)
    taken = [int(np.argmax(out["trigger"][frame])) for frame in (30, 40, 50, 60)]
    assert taken == [1, 2, 0, 1]
    free = play(events, polyphony=3)
    assert [int(np.argmax(free["trigger"][frame])) for frame in (30, 40)] == [0, 1]
