from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Vocoder


def spoken(audio, voice, **values):
    block = block_of(Vocoder, audio=np.asarray(audio), voice=np.asarray(voice), **values)
    Vocoder.process(block)
    return block.out.astype(np.float64)


def tone(freq, frames=24_000, rate=48_000):
    return np.sin(2 * np.pi * freq / rate * np.arange(frames))


NOISE = np.random.default_rng(0).uniform(-1, 1, (24_000, 2))


def test_a_voice_in_one_band_opens_that_band_of_the_sound():
    out = spoken(NOISE, 0.5 * tone(1_000), sibilance=0.0)[4_800:, 0]
    power = np.abs(np.fft.rfft(out)) ** 2
    freq = np.fft.rfftfreq(len(out), 1 / 48_000)
    near = (freq > 500) & (freq < 2_000)
    assert power[near].sum() / power.sum() > 0.95


def test_bands_that_are_open_alike_add_up_to_an_even_response():
    impulse = np.zeros(9_600)
    impulse[0] = 1
    block = block_of(Vocoder, audio=np.stack([impulse, impulse], 1), voice=np.zeros(9_600), gain=0.0)
    block.memory[4:6] = 1
    # Levels that fall too slowly to matter here.
    Vocoder.process(block._replace(release=np.array(block.release * 0 + 2), attack=np.array(block.attack * 0 + 0.5)))
    out = block.out[:, 0] * np.exp(np.arange(9_600) / 48_000 * 0.2)
    freq, gain = np.fft.rfftfreq(9_600, 1 / 48_000), np.abs(np.fft.rfft(out))
    part = 20 * np.log10(gain[(freq > 120) & (freq < 8_000)])
    assert np.ptp(part) < 5


def test_without_a_voice_it_is_silent_and_without_a_carrier_only_sibilance_passes():
    assert np.abs(spoken(NOISE, np.zeros(24_000))).max() == 0
    assert np.abs(spoken(0 * NOISE, tone(1_000), sibilance=0.0)).max() == 0
    out = spoken(0 * NOISE, NOISE[:, 0], sibilance=1.0)[:, 0]
    power = np.abs(np.fft.rfft(out)) ** 2
    assert power[:1_000].mean() < 0.2 * power[-4_000:].mean()


def test_it_follows_the_voice_within_its_times():
    voice = 0.5 * tone(1_000) * np.where(np.arange(24_000) < 12_000, 1, 0)
    out = np.abs(spoken(NOISE, voice, attack=0.002, release=0.02, sibilance=0.0)[:, 0])
    assert out[14_400:].max() < 0.15 * out[6_000:12_000].max()
    assert out[960:1_920].max() > 0.3 * out[6_000:12_000].max()


def test_both_sides_speak_alike():
    both = np.stack([NOISE[:, 0], NOISE[:, 0]], axis=1)
    out = spoken(both, tone(500))
    assert out[:, 0] == pytest.approx(out[:, 1], abs=1e-6)


@pytest.mark.parametrize("bands", [4, 17, 64])
def test_any_number_of_bands_stays_bounded(bands):
    assert np.abs(spoken(NOISE, NOISE[:, 1], bands=bands)).max() < 30
