from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from graph.memory.events import new_clock
from graph.testing import block_of
from nodes import Lfo

SHAPES = ("sine", "triangle", "saw", "ramp_down", "square", "random")


def lfo(frames, sample_rate=1_000.0, **values):
    block = block_of(Lfo, frames=frames, sample_rate=sample_rate, name="wobble", **values)
    Lfo.process(block)
    return block.out[:, 0].astype(np.float64)


def shape_at(shape, turns):
    turns = turns % 1
    return {
        "sine": np.sin(2 * np.pi * turns),
        "triangle": signal.sawtooth(2 * np.pi * (turns + 0.25), 0.5),
        "saw": 2 * turns - 1,
        "ramp_down": 1 - 2 * turns,
        "square": np.where(turns < 0.5, 1.0, -1.0),
    }[shape]


@pytest.mark.parametrize("shape", SHAPES[:5])
def test_shape_is_the_textbooks(shape):
    turns = np.arange(1_000) * 2.25 / 1_000 + 1e-6
    edge = np.abs((turns * 2) % 1 - 0.5) > 0.495
    out = lfo(1_000, rate=2.25, shape=shape)
    assert np.abs(out - shape_at(shape, turns))[~edge].max() < 2e-5
    assert np.abs(out).max() <= 1 + 1e-6


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_a_hundredth_of_a_hertz_is_right_within_a_tenth_of_a_percent(sample_rate):
    frames = 40_000
    out = lfo(frames, sample_rate, rate=0.01, shape="saw")
    # The saw runs 2 a turn; a straight line through it tells its rate.
    rate = np.polyfit(np.arange(frames) / sample_rate, out, 1)[0] / 2
    assert rate == pytest.approx(0.01, rel=1e-3)
    last = (out[-1] - out[0]) / 2 / ((frames - 1) / sample_rate)
    assert last == pytest.approx(0.01, rel=1e-4)


def test_phase_is_in_cycles():
    quarter = lfo(1_000, rate=3, phase=0.25)
    assert np.abs(quarter - np.cos(2 * np.pi * 3 * np.arange(1_000) / 1_000)).max() < 2e-5
    assert np.abs(lfo(500, rate=3, phase=-7.75) - quarter[:500]).max() < 1e-5


def test_a_rising_trigger_restarts_the_cycle():
    trigger = np.zeros(600)
    trigger[217:400] = 1
    out = lfo(600, rate=3, trigger=trigger)
    assert np.abs(out[217:] - lfo(383, rate=3)).max() < 1e-6
    assert out[217] == 0
    assert abs(out[216]) > 0.5


def test_random_holds_for_a_cycle_and_takes_a_new_value():
    out = lfo(10_000, rate=10, shape="random")
    steps = np.flatnonzero(np.diff(out)) + 1
    assert len(steps) == 99
    assert np.abs(np.diff(steps) - 100).max() <= 1
    values = out[50::100]
    assert len(np.unique(values)) == 100
    assert values.min() < -0.8
    assert values.max() > 0.8


def test_random_differs_between_lanes_names_and_seeds():
    block = block_of(Lfo, frames=10, voices=4, shape="random")
    Lfo.process(block)
    assert len(np.unique(block.out[0])) == 4
    assert lfo(5, shape="random")[0] != lfo(5, shape="random", seed=3)[0]


def test_at_rate_0_the_output_is_constant():
    assert np.ptp(lfo(500, rate=0, phase=0.1)) == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_any_block_size_gives_the_same_samples(shape):
    states, parts = {}, []
    for frames in (1, 63, 64, 200):
        block = block_of(Lfo, frames=frames, sample_rate=1_000.0, name="wobble", shape=shape, rate=13.7, **states)
        Lfo.process(block)
        states = {name: getattr(block, name) for name in Lfo.states()}
        parts.append(block.out[:, 0])
    assert (np.concatenate(parts) == lfo(328, shape=shape, rate=13.7)).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_compiled_equals_plain_python(shape):
    rate, phase = np.linspace(0, 100, 300), np.linspace(-2, 2, 300)
    block = block_of(Lfo, rate=rate, phase=phase, sample_rate=1_000.0, name="wobble", shape=shape)
    Lfo.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - lfo(300, rate=rate, phase=phase, shape=shape)).max() < 1e-4


@pytest.mark.parametrize("shape", SHAPES[:5])
@pytest.mark.parametrize("beats", [0.5, 3.0, 16.0])
def test_with_beats_a_cycle_lasts_that_many_beats_of_the_clock(beats, shape):
    frames = 1_000
    clock = new_clock(frames, tempo=140.0, sample_rate=1_000.0, start=1_234.567)
    turns = clock.beat[:-1] / beats
    out = lfo(frames, beats=beats, clock=clock, shape=shape, rate=77.0)
    edge = np.abs((turns * 2) % 1 - 0.5) > 0.495
    assert np.abs(out - shape_at(shape, turns))[~edge].max() < 2e-5


def test_it_follows_jumps_stops_and_tempo_changes_of_the_clock():
    clock = new_clock(600, tempo=140.0, sample_rate=1_000.0)
    clock.beat[200:401] = 17.3
    clock.beat[401:] = np.linspace(3, 2, 200)
    out = lfo(600, beats=4.0, clock=clock, shape="saw")
    turns = (clock.beat[:-1] / 4) % 1
    inside = (turns > 1e-3) & (turns < 0.999)
    np.testing.assert_allclose(out[inside], 2 * turns[inside] - 1, atol=1e-5)


def test_a_trigger_restarts_the_cycle_and_keeps_its_length():
    trigger = np.zeros(900)
    trigger[217] = 1
    clock = new_clock(900, tempo=120.0, sample_rate=1_000.0, start=5.1)
    out = lfo(900, beats=0.5, clock=clock, trigger=trigger, shape="saw")
    assert out[217] == -1
    turns = np.arange(900 - 217) / 250
    inside = (turns % 1 > 1e-3) & (turns % 1 < 0.998)
    np.testing.assert_allclose(out[217:][inside], 2 * (turns[inside] % 1) - 1, atol=1e-5)


def test_random_takes_a_value_per_cycle_of_the_clock():
    clock = new_clock(10_000, tempo=60.0, sample_rate=1_000.0)
    out = lfo(10_000, beats=0.1, clock=clock, shape="random")
    assert np.abs(np.diff(np.flatnonzero(np.diff(out))) - 100).max() <= 1
    assert len(np.unique(out)) == 100


def test_without_a_clock_it_goes_by_its_rate():
    clock = new_clock(500, tempo=0.0)
    assert (lfo(500, rate=3, beats=4.0, clock=clock) == lfo(500, rate=3)).all()


@pytest.mark.parametrize(("fade", "sample_rate"), [(0.2, 1_000.0), (60.0, 192_000.0)])
def test_it_fades_in_linearly_from_the_start_and_from_each_trigger(fade, sample_rate):
    trigger = np.zeros(3_000)
    trigger[1_100] = 1
    given = {"sample_rate": sample_rate, "rate": 3.0, "shape": "square", "trigger": trigger}
    level = lfo(3_000, fade=fade, **given) / lfo(3_000, **given)
    since = np.concatenate([np.arange(1_100), np.arange(1_900)]) + 1
    np.testing.assert_allclose(level, np.minimum(since / (fade * sample_rate), 1), rtol=1e-5)


def test_a_fade_of_a_minute_lasts_a_minute():
    late = lfo(2_000, sample_rate=192_000.0, shape="square", rate=0, fade=60.0, level=0.9999)
    assert np.argmax(late == 1) == pytest.approx(0.0001 * 60 * 192_000, abs=2)


def test_no_fade_is_there_at_once():
    assert lfo(100, rate=0, phase=0.25)[0] == pytest.approx(1)


def test_a_random_value_that_follows_a_clock_belongs_to_its_cycle():
    def part(start, frames=4_000, **more):
        return lfo(frames, clock=new_clock(frames, 60.0, 1_000.0, start), shape="random", beats=0.5, seed=4, **more)

    whole = part(0.0, 16_000)
    assert len(np.unique(whole)) == 32
    assert np.all(np.diff(whole)[np.arange(1, 16_000) % 500 != 0] == 0)
    np.testing.assert_array_equal(part(8.0), whole[8_000:12_000])
    np.testing.assert_array_equal(part(8.25), whole[8_250:12_250])


def test_a_trigger_begins_another_random_value_that_a_looped_bar_repeats():
    trigger = np.where(np.arange(2_000) % 1_300 == 700, 1.0, 0.0)
    one, other = (
        lfo(2_000, clock=new_clock(2_000, 60.0, 1_000.0), shape="random", beats=1, seed=4, trigger=trigger)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)
    assert one[699] != one[700] == one[1_699] != one[1_700]
