"""Player: the exact file, its pitch at other speeds, start and end, and no clicks."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from alias import compiled

from graph import AudioFileError, Graph, NodeError
from graph.engine.ending import sources_of
from graph.engine.engine import Engine
from graph.plan.succession import _moves
from graph.testing import block_of, node_contract
from nodes import Impulse, Lfo, Player

RATE = 48_000
FRAMES = 4_800
NOISE = np.random.default_rng(3).uniform(-0.5, 0.5, (FRAMES, 2)).astype(np.float32)
TIME = np.arange(RATE) / RATE


@pytest.fixture
def noise(tmp_path):
    soundfile.write(tmp_path / "noise.wav", NOISE, RATE, subtype="FLOAT")
    return str(tmp_path / "noise.wav")


def tone(tmp_path, freq, rate=RATE):
    time = np.arange(rate) / rate
    soundfile.write(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * freq * time), rate, subtype="FLOAT")
    return str(tmp_path / "tone.wav")


def played(file, frames=2 * FRAMES, **inputs):
    block = block_of(Player, file=file, frames=frames, **inputs)
    Player.process(block)
    return block


def steps(*changes, frames=2 * FRAMES):
    """A signal that takes each value from its frame on."""
    signal = np.zeros(frames, np.float32)
    for frame, value in changes:
        signal[frame:] = value
    return signal


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(noise, sample_rate):
    node_contract(Player, sample_rate=sample_rate, file=noise)


def test_the_output_is_the_file_from_its_first_frame_to_its_last(noise):
    block = played(noise)
    np.testing.assert_array_equal(block.out[:FRAMES], NOISE)
    assert not block.out[FRAMES:].any()
    assert block.done[0] == 1


def test_backwards_it_is_the_file_from_its_last_frame_to_its_first(noise):
    np.testing.assert_array_equal(played(noise, speed=-1.0).out[:FRAMES], NOISE[::-1])


def test_a_loop_is_joined_exactly_and_has_no_end(noise):
    block = played(noise, frames=3 * FRAMES, loop=True)
    np.testing.assert_array_equal(block.out, np.tile(NOISE, (3, 1)))
    assert block.done[0] == 0


@compiled
@pytest.mark.parametrize("speed", [0.25, 0.5, 0.9, 1.1, 1.5, 2.0, 3.0, 6.0])
def test_speed_bends_the_pitch_and_nothing_else(tmp_path, speed):
    out = played(tone(tmp_path, 1_000.0), frames=RATE // 8, speed=speed).out[:, 0].astype(np.float64)
    size = 2_048
    part = out[500 : 500 + size] * np.hanning(size)
    spectrum = np.abs(np.fft.rfft(part, 16 * size))
    assert np.argmax(spectrum) * RATE / 16 / size == pytest.approx(1_000 * speed, rel=2e-3)
    assert np.sqrt(2 * (out[500 : 500 + size] ** 2).mean()) == pytest.approx(0.5, rel=0.05)


@compiled
def test_what_a_speed_would_fold_down_is_taken_out_before(tmp_path):
    file = tone(tmp_path, 15_000.0)
    level = {speed: played(file, frames=4_000, speed=speed).out[500:, 0].std() for speed in (1.0, 2.0, 4.0)}
    assert level[1.0] == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert level[2.0] < 0.001 * level[1.0]
    assert level[4.0] < 0.001 * level[1.0]


@compiled
def test_a_file_of_another_rate_keeps_its_pitch(tmp_path):
    out = played(tone(tmp_path, 1_000.0, 44_100), frames=RATE // 2).out[:, 0]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert np.argmax(spectrum) * 2 == 1_000


def test_a_gate_that_rises_plays_from_the_start_at_its_frame(noise):
    out = played(noise, gate=steps((123, 1)), start=0.0).out
    assert not out[:123].any()
    np.testing.assert_array_equal(out[123 : 123 + FRAMES], NOISE)


def test_a_trigger_plays_again_while_what_played_fades_out(noise):
    out = played(noise, trigger=steps((1_000, 1), (1_001, 0))).out
    np.testing.assert_array_equal(out[:1_000], NOISE[:1_000])
    np.testing.assert_array_equal(out[1_300 : 1_000 + FRAMES], NOISE[300:])
    mixed = out[1_000:1_200] - NOISE[:200]
    fading = 1 - np.arange(1, 201)[:, None] / 240
    np.testing.assert_allclose(mixed, NOISE[1_000:1_200] * fading, atol=1e-5)


def test_start_is_the_position_in_the_file(noise):
    out = played(noise, start=0.05).out
    np.testing.assert_array_equal(out[300:2_400], NOISE[2_700:])
    backwards = played(noise, start=0.05, speed=-1.0).out
    np.testing.assert_array_equal(backwards[300:2_400], NOISE[:2_400][::-1][300:])


@compiled
def test_starting_or_stopping_within_the_file_does_not_click(tmp_path):
    file = tone(tmp_path, 100.0)
    out = played(file, frames=9_600, start=0.0025, gate=steps((0, 1), (4_800, 0), frames=9_600)).out[:, 0]
    assert not out[5_100:].any()
    assert np.abs(np.diff(out, 2)).max() < 0.005  # a step of the tone would be 0.5
    assert abs(out[0]) < 0.01


def test_a_mono_file_is_on_both_sides_and_a_stereo_one_mixed_for_one(tmp_path, noise):
    soundfile.write(tmp_path / "mono.wav", NOISE[:, 0], RATE, subtype="FLOAT")
    both = played(str(tmp_path / "mono.wav"), frames=100).out
    np.testing.assert_array_equal(both, NOISE[:100, [0, 0]])
    one = played(noise, frames=100, width=1).out
    np.testing.assert_allclose(one[:, 0], NOISE[:100].mean(axis=1), atol=1e-7)


def test_without_a_file_or_with_a_bad_one_it_says_so(tmp_path):
    with pytest.raises(NodeError, match="give a recording"):
        Player().validate()
    with pytest.raises(AudioFileError, match="no such file"):
        Player(file=str(tmp_path / "no.wav")).validate()


@compiled
def test_a_graph_ends_when_its_recording_has(noise):
    assert len(Graph(Player(file=noise)).render()) == pytest.approx(FRAMES + 2 * RATE, abs=1)


@compiled
@pytest.mark.parametrize(
    "inputs", [{"gate": 0.0}, {"gate": Lfo(rate=0.1, shape="square")}, {"trigger": Impulse(freq=0.1)}]
)
def test_a_player_that_waits_for_a_gate_has_not_ended(noise, inputs):
    engine = Engine(Graph(Player(file=noise, **inputs)))
    engine.render(4 * FRAMES)
    assert sources_of(engine).ends == []
    assert len(sources_of(Engine(Graph(Player(file=noise)))).ends) == 1


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("loop", [False, True])
def test_a_file_of_hardly_a_frame_does_no_harm(tmp_path, frames, loop):
    soundfile.write(tmp_path / "short.wav", np.full((frames, 1), 0.5), 192_000, subtype="FLOAT")
    for speed in (1.0, 8.0, -0.3):
        out = played(str(tmp_path / "short.wav"), frames=500, loop=loop, speed=speed).out
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 1


@compiled
def test_the_recording_is_not_copied_when_the_patch_is_saved(noise):
    old, new = (Engine(Graph(Player(file=noise, name="tape"))) for _ in range(2))
    moved = sum(size for _, _, size in _moves(old.plan.steps[0], new.plan.steps[0], 64))
    assert 0 < moved < 1_000
    assert old.plan.details["state_bytes"][0] < 1_000


@compiled
def test_it_plays_on_when_the_patch_is_saved(noise):
    engine = Engine(Graph(Player(file=noise, name="tape")))
    before = engine.render(1_024)
    engine.swap(Graph(Player(file=noise, name="tape")))
    np.testing.assert_array_equal(np.concatenate([before, engine.render(FRAMES - 1_024)]), NOISE)
