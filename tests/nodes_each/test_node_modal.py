from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from scipy.special import jn_zeros
from struck import RATES, centroid, cents, decay_time, kept_in_step, need_compiled, pitch, play, spectrum, steepest

from graph.analysis import k_weighting
from graph.testing import block_of
from nodes import Modal
from nodes.dsp.physical.modes import BODIES, body

KEYS = [27.5, 110.0, 440.0, 1_760.0, 4_186.0]


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", KEYS)
def test_the_first_mode_is_in_tune(freq, sample_rate):
    if freq > 0.42 * sample_rate:
        pytest.skip("half the sample rate")
    x = play(Modal, 1.0, sample_rate, freq=freq, mallet=20_000.0)
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


@pytest.mark.parametrize("sample_rate", RATES)
def test_the_first_mode_falls_by_60_db_in_its_decay(sample_rate):
    x = play(Modal, 1.0, sample_rate, freq=220.0, decay=0.8, damping=4.0, mallet=50.0)
    assert decay_time(x, sample_rate) == pytest.approx(0.8, rel=0.02)


@pytest.mark.parametrize(
    ("name", "ratios"),
    [
        ("bar", [1, 2.7565, 5.4039, 8.933]),
        ("tine", [1, 6.2669, 17.547]),
        ("bell", [0.5, 1, 1.183, 1.506, 2]),
        ("membrane", [1, 1.5933, 2.1355, 2.2954, 2.6531, 2.9173]),
        ("kettle", [1, 1.504, 1.742, 2.0]),
    ],
)
def test_the_partials_are_those_of_the_body(name, ratios):
    x = play(Modal, 1.0, freq=400.0, body=name, decay=20.0, damping=0.0, position=0.83, mallet=20_000.0)
    for ratio in ratios:
        assert abs(cents(pitch(x, 48_000, 400 * ratio, 30), 400 * ratio)) < 6


def test_the_membrane_is_bessels():
    assert body("membrane")[0][3] == pytest.approx(jn_zeros(0, 2)[1] / jn_zeros(0, 1)[0], rel=1e-4)


def test_a_strike_on_a_node_does_not_move_its_mode():
    freqs, levels = spectrum(play(Modal, 0.5, freq=300.0, position=0.5, damping=0.0), 48_000)
    second, third = (levels[np.argmin(np.abs(freqs - 300 * ratio))] for ratio in (2.7565, 5.4039))
    assert second < third - 30


def test_a_harder_mallet_and_a_harder_strike_are_brighter():
    middle = [
        centroid(play(Modal, 0.3, **more), 48_000)
        for more in ({"mallet": 500.0}, {"velocity": 0.2}, {}, {"mallet": 9_000.0})
    ]
    assert middle == sorted(middle)


def loudest(x):
    """LUFS of the loudest 0.4 s."""
    for section in k_weighting(48_000.0):
        x = signal.lfilter(section[:3], [1, *section[3:]], x)
    return 10 * np.log10(signal.fftconvolve(x * x, np.ones(19_200) / 19_200).max()) - 0.691


@pytest.mark.parametrize("velocity", [0.5, 1.0])
@pytest.mark.parametrize("name", ["bar", "marimba", "xylophone"])
def test_high_bars_are_nearly_as_loud_as_low_ones(name, velocity):
    keys = 65.41 * 2.0 ** np.arange(6)
    levels = [loudest(play(Modal, 0.6, freq=freq, body=name, velocity=velocity)[:, 0]) for freq in keys]
    assert max(levels) - min(levels) < 8


def test_a_mallet_has_its_bandwidth_in_the_low_octaves():
    found = []
    for mallet in (551.3, 20_000.0):
        freqs, levels = spectrum(play(Modal, 0.5, freq=200.0, mallet=mallet, damping=0.0), 48_000)
        found.append(levels[np.argmin(np.abs(freqs - 551.3))])
    assert found[1] - found[0] == pytest.approx(20 * np.log10(2), abs=0.2)


def test_high_modes_decay_faster_with_damping():
    x = play(Modal, 1.0, freq=220.0, damping=1.0, mallet=20_000.0)
    early, late = np.split(x, 2)
    assert centroid(late, 48_000) < 0.5 * centroid(early, 48_000)


@pytest.mark.parametrize("name", BODIES)
def test_every_body_sounds_and_stays_in_range(name):
    for position in (0.1, 0.5, 0.95):
        x = play(Modal, 0.1, body=name, position=position)
        assert 0.02 < np.abs(x).max() < 1.1, position


def test_a_roll_swells_and_stays_in_range():
    once, roll = play(Modal, 0.3), play(Modal, 0.3, at=np.arange(140) / 480)
    assert 1.2 * np.abs(once).max() < np.abs(roll).max() < 2.5 * np.abs(once).max()


@pytest.mark.parametrize("at", [0.0501, 0.0537, 0.0563])
def test_a_second_strike_does_not_click(at):
    once, again = (play(Modal, 0.1, at=times, freq=220.0) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


def test_the_gate_damps_it():
    gate = (np.arange(19_200) < 9_600).astype(float)
    x = play(Modal, 0.4, gate=gate, release=0.1)
    assert np.abs(x[9_600 + 4_800 :]).max() < 3e-3 * np.abs(x[:9_600]).max()


def test_a_sound_drives_the_modes():
    turns = np.arange(9_600) / 48_000
    loud = [np.abs(driven(np.sin(2 * np.pi * f * turns) * 0.1)[4_800:]).max() for f in (440.0, 600.0)]
    assert loud[0] > 20 * loud[1]


def driven(audio):
    need_compiled(len(audio))
    block = block_of(Modal, audio=audio, freq=440.0, decay=10.0)
    Modal.process(block)
    return block.out


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(Modal)
    np.testing.assert_allclose(early, late, atol=1e-5)
    assert early[0] != 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Modal, 0.8, decay=0.3)[-2_400:].any()
    assert not play(Modal, 0.05, at=()).any()
