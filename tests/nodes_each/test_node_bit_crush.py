from __future__ import annotations

import numpy as np
import pytest
from measure import click_of

from graph.testing import block_of
from nodes import BitCrush


def crushed(audio, **values):
    block = block_of(BitCrush, audio=np.asarray(audio), **values)
    BitCrush.process(block)
    return block.out[:, 0].astype(np.float64)


@pytest.mark.parametrize("freq", [1_250, 5_000])
def test_the_images_of_the_low_rate_are_audible_and_their_aliases_are_not(freq):
    rate, count = 7_013.0, 48_000
    tone = np.sin(2 * np.pi * freq / 48_000 * np.arange(count + 4_800))
    out = crushed(tone, rate=rate, bits=24.0)[4_800:]
    spectrum = np.abs(np.fft.rfft(out * np.kaiser(count, 20)))
    level = 20 * np.log10(spectrum / spectrum[freq] + 1e-12)
    for n in range(6):
        for image in (n * rate + freq, n * rate - freq):
            k = round(abs(image))
            if k < 24_000:
                level[max(k - 14, 0) : k + 15] = -200
    assert level[:22_000].max() < -60


@pytest.mark.parametrize("bits", [1.0, 2.0, 4.0])
def test_it_has_2_to_the_bits_steps(bits):
    audio = np.linspace(-1, 1, 9_600)
    place = crushed(audio, bits=bits, rate=192_000.0)[200:-200] * 2 ** (bits - 1)
    flat = np.abs(place - np.rint(place)) < 0.01
    assert flat.mean() > 0.5
    assert len(set(np.rint(place[flat]))) == 2**bits + 1
    off = np.abs(place / 2 ** (bits - 1) - audio[200 - 7 : -200 - 7])[flat]
    assert off.max() < 0.51 / 2 ** (bits - 1)


def test_between_samples_the_output_is_constant():
    tone = np.sin(2 * np.pi * 100 / 48_000 * np.arange(4_800))
    out = crushed(tone, rate=1_000.0, bits=24.0)
    still = np.abs(np.diff(out)) < 3e-3
    assert 0.5 < still.mean() < 0.98


def test_silence_stays_silent():
    assert (crushed(np.zeros(500), bits=1.0) == 0).all()


def test_what_it_makes_does_not_depend_on_todays_rate():
    one, two = (
        np.fft.rfft(
            crushed(np.sin(2 * np.pi * 440 / rate * np.arange(round(0.125 * rate))), rate=6_000.0, sample_rate=rate)
        )
        for rate in (48_000.0, 192_000.0)
    )
    part = slice(50, 2_000)
    assert np.abs(np.abs(one[part]) / 6_000 - np.abs(two[part]) / 24_000).max() < 3e-3


def test_a_changed_rate_does_not_click():
    assert click_of(BitCrush, "rate", 40_000, 30_000, bits=24.0) < -60
