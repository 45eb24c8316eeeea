"""Loudness: compared with BS.1770 for tones, and with pyloudnorm for everything else."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from alias import compiled
from scipy import signal

from graph.analysis import k_weighting
from graph.testing import block_of
from nodes import Loudness

RNG = np.random.default_rng(0)


def measured(audio, rate=48_000.0, **values):
    audio = np.asarray(audio, np.float32)
    block = block_of(Loudness, audio=audio, voices=1, channels=audio.shape[1], sample_rate=rate, **values)
    Loudness.process(block)
    return block


def tone(level, seconds, freq=997.0, rate=48_000.0, channels=2):
    sine = np.sin(2 * np.pi * freq / rate * np.arange(round(seconds * rate)))
    return np.repeat(10 ** (level / 20) * sine[:, None], channels, axis=1)


def test_the_filter_is_the_recommendations_at_48_khz():
    truth = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    assert k_weighting(48_000.0) == pytest.approx(np.array(truth), abs=1e-8)


@pytest.mark.parametrize("rate", [8_000.0, 44_100.0, 192_000.0])
def test_the_filter_weighs_alike_at_every_rate(rate):
    freqs = np.geomspace(20, 1_500, 40)

    def gain(rate):
        sections = [[*row[:3], 1.0, *row[3:]] for row in k_weighting(rate)]
        return 20 * np.log10(np.abs(signal.sosfreqz(sections, freqs, fs=rate)[1]))

    assert gain(rate) == pytest.approx(gain(48_000.0), abs=0.25 if rate == 8_000 else 0.02)


@compiled
@pytest.mark.parametrize(("channels", "loudness"), [(1, -26.01), (2, -23.0)])
def test_a_tone_of_1_khz_at_minus_23_db_reads_minus_23_in_stereo(channels, loudness):
    block = measured(tone(-23.0, 4, channels=channels))
    for port in (block.momentary, block.short_term, block.integrated):
        assert port[-1, 0] == pytest.approx(loudness, abs=0.03)


@compiled
def test_pauses_do_not_count():
    loud, soft = tone(-23.0, 20), tone(-36.0, 3)
    assert measured(np.concatenate([soft, loud, soft])).integrated[-1, 0] == pytest.approx(-23.0, abs=0.1)


@compiled
def test_momentary_forgets_after_0_4_s_and_short_term_after_3():
    block = measured(np.concatenate([tone(-10.0, 3), 0 * tone(0, 3.5)]))
    at = 3 * 48_000
    assert block.momentary[at + 14_400, 0] == pytest.approx(block.momentary[at, 0] - 6.02, abs=0.1)  # a quarter remains
    assert block.momentary[at + 24_000, 0] == -70
    assert block.short_term[at + 72_000, 0] == pytest.approx(block.short_term[at, 0] - 3.01, abs=0.1)
    assert block.short_term[-1, 0] == -70
    assert block.integrated[-1, 0] > -12


SOUNDS = {
    "white noise": 0.2 * RNG.standard_normal((240_000, 2)),
    "a bass": tone(-6.0, 5, freq=55.0),
    "a bright tone": tone(-6.0, 5, freq=6_000.0),
    "noise that comes and goes": 0.3
    * RNG.standard_normal((240_000, 2))
    * 10 ** (-2 + 2 * RNG.random((10, 1))).repeat(24_000, axis=0),
    "bursts between silences": 0.3
    * RNG.standard_normal((240_000, 1))
    * (np.arange(240_000)[:, None] % 48_000 < 20_000),
}


@compiled
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("name", SOUNDS)
def test_integrated_loudness_is_pyloudnorms_within_a_tenth(name, rate):
    truth = pyloudnorm.Meter(rate).integrated_loudness(SOUNDS[name])
    assert measured(SOUNDS[name], rate=float(rate)).integrated[-1, 0] == pytest.approx(truth, abs=0.1)


@compiled
def test_a_reset_restarts_the_measurement():
    audio = np.concatenate([tone(-10.0, 1), tone(-30.0, 2)])
    reset = np.zeros(len(audio))
    reset[60_000] = 1
    assert measured(audio, reset=reset).integrated[-1, 0] == pytest.approx(-30.0, abs=0.2)


def test_silence_is_minus_70_and_the_signal_passes():
    audio = RNG.uniform(-1, 1, (300, 2)).astype(np.float32)
    block = measured(audio)
    assert (block.out == audio).all()
    assert (block.integrated == -70).all()
