"""Delay: timing and level of the echoes, and no clicks when the time changes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import hilbert, lfilter
from scipy.special import jv

from graph.testing import block_of
from nodes import Delay

RANDOM = np.random.default_rng(6)
RATE = 8_000.0
OPEN = 20_000.0


def delayed(audio, time, sample_rate=RATE, **inputs):
    block = block_of(Delay, audio=audio, time=time, sample_rate=sample_rate, max_time=0.5, **inputs)
    Delay.process(block)
    return block.out.astype(np.float64)


def impulse(frames):
    audio = np.zeros((frames, 2), np.float32)
    audio[0] = 1
    return audio


def sine(frames, cycles):
    return np.sin(2 * np.pi * cycles * np.arange(frames)).astype(np.float32)


@pytest.mark.parametrize(
    ("sample_rate", "time", "samples"), [(8e3, 0.0125, 100), (48e3, 0.003, 144), (44.1e3, 0.01, 441)]
)
def test_echoes_fall_on_exact_samples_each_softer_by_the_feedback(sample_rate, time, samples):
    out = delayed(impulse(4 * samples + 1), time, sample_rate, feedback=0.5, tone=OPEN)
    expected = np.zeros_like(out)
    expected[samples::samples] = 0.5 ** np.arange(4)[:, None]
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_out_is_the_echo_alone():
    assert not delayed(impulse(50), 100 / RATE)[:50].any()


def test_negative_feedback_turns_every_second_echo_over():
    out = delayed(impulse(500), 100 / RATE, feedback=-0.5, tone=OPEN)[100::100, 0]
    np.testing.assert_allclose(out, [1, -0.5, 0.25, -0.125])


def test_each_side_has_its_own_time():
    out = delayed(impulse(400), np.tile(np.array([100, 150], np.float32) / np.float32(RATE), (400, 1)), feedback=0.0)
    assert np.argmax(out, axis=0).tolist() == [100, 150]


def test_a_fraction_of_a_sample_is_interpolated():
    samples = 10 + np.arange(0, 1, 1 / 8)
    for count in samples:
        out = delayed(sine(400, 0.05), count / RATE, feedback=0.0)[20:, 0]
        np.testing.assert_allclose(out, np.sin(2 * np.pi * 0.05 * (np.arange(20, 400) - count)), atol=3e-4)


def test_tone_darkens_each_echo_but_the_first():
    out = delayed(impulse(400), 100 / RATE, feedback=0.7, tone=800.0)[:, 0]
    pole = np.exp(-2 * np.pi * 800 / RATE)
    echo = np.eye(100)[0]
    for n in range(1, 4):
        np.testing.assert_allclose(out[100 * n : 100 * n + 100], echo, atol=1e-6)
        echo = 0.7 * lfilter([1 - pole], [1, -pole], echo)


def test_ping_pong_of_a_mono_signal_alternates_from_the_left():
    left, right = delayed(impulse(450), 100 / RATE, feedback=0.5, tone=OPEN, ping_pong=True).T
    np.testing.assert_allclose(left[100::100], [1, 0, 0.25, 0])
    np.testing.assert_allclose(right[100::100], [0, 0.5, 0, 0.125])
    assert np.count_nonzero(left) == np.count_nonzero(right) == 2


@pytest.mark.parametrize("sides", [(1.0, 0.0), (0.0, 1.0), (1.0, 0.5), (1.0, -1.0)])
def test_ping_pong_of_a_stereo_signal_begins_on_its_own_sides_and_swaps_them(sides):
    audio = impulse(450) * np.array(sides, np.float32)
    out = delayed(audio, 100 / RATE, feedback=0.5, tone=OPEN, ping_pong=True)[100::100]
    expected = np.stack([np.array(sides)[:: 1 if n % 2 == 0 else -1] * 0.5**n for n in range(4)])
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_ping_pong_of_stereo_noise_keeps_the_sides_of_every_echo():
    audio = RANDOM.standard_normal((8_000, 2)).astype(np.float32)
    out = delayed(audio, 100 / RATE, feedback=0.0, ping_pong=True)
    np.testing.assert_allclose(out[4_000:], audio[3_900:-100], atol=1e-3)


@pytest.mark.parametrize("ping_pong", [False, True])
@pytest.mark.parametrize("glide", ["crossfade", "tape"])
def test_frozen_it_repeats_bit_by_bit_for_a_minute_and_the_input_is_muted(glide, ping_pong):
    frames = 61 * 8_000
    audio = RANDOM.standard_normal((frames, 2)).astype(np.float32)
    freeze = (np.arange(frames) > 4_000).astype(np.float32)
    out = delayed(audio, 1_000.3 / RATE, freeze=freeze, feedback=0.6, depth=0.001, glide=glide, ping_pong=ping_pong)[
        6_000:
    ]
    loops = out[: len(out) // 2_000 * 2_000].reshape(-1, 2_000, 2)
    assert (loops == loops[0]).all()
    assert 0.7 < np.std(out) < 1.5


def test_the_time_may_change_while_frozen_and_the_line_is_kept():
    frames = 40_000
    audio = RANDOM.standard_normal((frames, 2)).astype(np.float32)
    freeze = (np.arange(frames) > 4_000).astype(np.float32)
    out = delayed(audio, jump(frames, 12_000, 1_000, 500), freeze=freeze)[16_000:, 0]
    np.testing.assert_array_equal(out[500:], out[:-500])


def test_freezing_and_unfreezing_does_not_click():
    frames = 24_000
    freeze = ((np.arange(frames) // 6_000) % 2).astype(np.float32)
    out = delayed(sine(frames, 0.01), 1_000 / RATE, freeze=freeze, feedback=0.5)[5_000:, 0]
    assert np.abs(np.diff(out, 2)).max() < 1.02 * 2 * (2 * np.pi * 0.01) ** 2  # of two sines, one echo and its echoes


@pytest.mark.parametrize("feedback", [1.0, 1.1, 1.2, -1.2])
def test_feedback_of_1_and_above_stays_within_full_scale_for_a_minute(feedback):
    audio = np.zeros((60 * 8_000, 2), np.float32)
    audio[:400, 0] = RANDOM.uniform(-1, 1, 400)
    out = delayed(audio, 1_000 / RATE, feedback=feedback)[:, 0]
    assert np.abs(out).max() <= 1.001
    assert np.abs(out[-8_000:].mean()) < 0.01


def test_feedback_above_1_oscillates_and_grows_by_it_while_it_is_soft():
    audio = 1e-3 * impulse(40 * 400) * np.array([1, 0], np.float32)
    audio[:200, 0] = 1e-3 * np.sin(2 * np.pi * 0.1 * np.arange(200))
    out = delayed(audio, 400 / RATE, feedback=1.2, tone=OPEN)[:, 0]
    peaks = np.abs(out[400:].reshape(-1, 400)).max(axis=1)
    np.testing.assert_allclose(peaks[1:20] / peaks[:19], 1.2, rtol=0.01)
    assert 0.6 < peaks[-1] < 1


def test_up_to_a_quarter_of_full_scale_a_loop_of_1_is_transparent():
    audio = np.zeros((4_000, 2), np.float32)
    audio[:400] = 0.2 * np.sin(2 * np.pi * 0.1 * np.arange(400))[:, None]
    out = delayed(audio, 400 / RATE, feedback=1.0, tone=OPEN)[:, 0]
    first, eighth = (np.abs(np.exp(-0.2j * np.pi * np.arange(320)) @ part) for part in (out[440:760], out[3_240:3_560]))
    assert eighth == pytest.approx(first, rel=0.005)


def jump(frames, at, before, after):
    time = np.full(frames, before / RATE, np.float32)
    time[at:] = after / RATE
    return time


@pytest.mark.parametrize("after", [90.0, 333.3, 2_000.0])
def test_a_new_time_is_faded_to_without_a_click(after):
    cycles, frames = 0.01, 6_000
    out = delayed(sine(frames, cycles), jump(frames, 3_000, 500, after), feedback=0.0)[600:, 0]
    slope = 2 * np.pi * cycles
    fade = 25 / RATE * 1.5 * 2  # the fade's steepest step, over a difference of at most 2
    assert np.abs(np.diff(out)).max() < slope + fade
    assert np.abs(np.diff(out, 2)).max() < 2 * slope * fade + slope**2  # no corners either


def test_after_the_fade_the_echo_is_exactly_at_its_new_time():
    audio = RANDOM.standard_normal(3_000).astype(np.float32)
    out = delayed(audio, jump(3_000, 1_000, 500, 250), feedback=0.0)[:, 0]
    arrived = 1_000 + int(RATE / 25) + 1
    np.testing.assert_array_equal(out[500:1_000], audio[:500])
    np.testing.assert_array_equal(out[arrived:], audio[arrived - 250 : -250])


def test_tape_glides_an_octave_down_or_up_at_most():
    cycles, frames = 0.02, 6_000
    for after, speed in ((1_000, 0.5), (100, 2)):
        out = delayed(sine(frames, cycles), jump(frames, 3_000, 600, after), feedback=0.0, glide="tape")[:, 0]
        gliding = out[3_010:3_400]
        crossings = np.flatnonzero(np.diff(np.signbit(gliding)))
        period = 2 * np.diff(crossings).mean()
        assert period == pytest.approx(1 / (cycles * speed), rel=0.02)
        assert np.abs(np.diff(out[700:])).max() < 2 * np.pi * cycles * max(1, speed) * 1.01
        np.testing.assert_allclose(out[4_500:], sine(frames, cycles)[4_500 - after : -after], atol=1e-3)


def test_tape_follows_a_slow_wobble_exactly():
    frames, cycles = 4_000, 0.01
    samples = 200 + 40 * np.sin(2 * np.pi * np.arange(frames) / 2_000)
    out = delayed(sine(frames, cycles), (samples / RATE).astype(np.float32), feedback=0.0, glide="tape")[300:, 0]
    np.testing.assert_allclose(out, np.sin(2 * np.pi * cycles * (np.arange(frames) - samples))[300:], atol=1e-3)


def test_the_first_time_is_there_at_once():
    for glide in ("crossfade", "tape"):
        assert np.argmax(delayed(impulse(2_000), 1_500 / RATE, glide=glide)[:, 0]) == 1_500


def test_a_time_beyond_the_memory_is_held_at_its_end():
    assert np.argmax(delayed(impulse(5_000), 3.0)[:, 0]) == 0.5 * RATE


def test_the_shortest_loop_is_four_samples():
    assert np.argmax(delayed(impulse(20), 0.0001, feedback=0.0)[:, 0]) == 4


@pytest.mark.parametrize("glide", ["crossfade", "tape"])
@pytest.mark.parametrize("fraction", [0.0, 0.21, 0.5, 0.77])
def test_the_delay_is_exact_to_a_hundredth_of_a_frame_and_the_top_stays(fraction, glide):
    """Phase and loss of the echo of an impulse; half a decibel at 15 kHz is the most."""
    samples = 480 + fraction
    spectrum = np.fft.rfft(delayed(impulse(4_800), samples / 48e3, 48e3, feedback=0.0, glide=glide)[:, 0])
    freq = np.arange(10, 1_501) / 4_800
    late = -np.angle(spectrum[10:1_501] * np.exp(2j * np.pi * freq * samples)) / (2 * np.pi * freq)
    assert np.abs(late).max() < 0.01
    loss = 20 * np.log10(np.abs(spectrum[10:1_501]))
    assert loss.min() > -0.5
    assert loss.max() < 0.01


@pytest.mark.parametrize("samples", [4.0, 4.5, 7.3, 31.9])
@pytest.mark.parametrize("feedback", [0.99, -0.99])
def test_the_longest_feedback_dies_away_at_every_fraction(samples, feedback):
    audio = np.zeros((3_000, 2), np.float32)
    audio[:40] = RANDOM.uniform(-1, 1, (40, 2))
    out = delayed(audio, samples / RATE, feedback=feedback, tone=OPEN)[200:, 0]
    energy = (out**2).reshape(-1, 400).sum(axis=1)
    assert (np.diff(energy) < 0).all()


def test_feedback_beyond_its_range_is_held():
    wild, most = (delayed(impulse(300), 100 / RATE, feedback=value, tone=OPEN) for value in (50.0, 1.2))
    np.testing.assert_array_equal(wild, most)


def test_blocks_of_any_length_give_the_same_echoes():
    audio = RANDOM.standard_normal((1_000, 2)).astype(np.float32)
    time = jump(1_000, 333, 100, 50.5)
    whole = delayed(audio, time)
    states, parts = {}, []
    for start, stop in ((0, 1), (1, 340), (340, 1_000)):
        inputs = {"audio": audio[start:stop], "time": time[start:stop], "frames": stop - start}
        block = block_of(Delay, **inputs, sample_rate=RATE, max_time=0.5, **states)
        Delay.process(block)
        states = {name: getattr(block, name) for name in Delay.states()}
        parts.append(block.out)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("glide", ["crossfade", "tape"])
def test_it_sways_by_the_depth_at_the_rate(glide):
    """A tone through a modulated delay is phase-modulated: its sidebands are Bessel functions of 2 pi f depth."""
    frames, cycles, depth = 16_000, 0.05, 0.001  # 400 Hz; the index is 2.51
    out = delayed(sine(frames, cycles), 0.05, depth=depth, rate=10.0, feedback=0, tone=OPEN, glide=glide)
    for side in out[8_000:].T:
        lines = np.abs(np.fft.rfft(side)) / 4_000
        index = 2 * np.pi * cycles * RATE * depth
        heard = [lines[400 + 10 * k] for k in range(4)]
        np.testing.assert_allclose(heard, np.abs(jv(range(4), index)), atol=3e-3)


def test_left_and_right_sway_a_quarter_apart():
    out = delayed(sine(16_000, 0.05), 0.05, depth=0.001, rate=1.0, feedback=0, tone=OPEN)
    phases = (
        np.unwrap(np.angle(hilbert(out[800:], axis=0)), axis=0) - 2 * np.pi * 0.05 * np.arange(800, 16_000)[:, None]
    )
    left, right = (phases[200:-200] - phases[200:-200].mean(axis=0)).T
    assert abs(np.corrcoef(left[:14_000], right[:14_000])[0, 1]) < 0.2
    assert np.abs(left).max() == pytest.approx(2 * np.pi * 400 * 0.001, rel=0.1)
