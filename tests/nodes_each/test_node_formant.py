from __future__ import annotations

import numpy as np
import pytest
from alias import alias, compiled, levels

from graph.testing import block_of
from nodes import Formant
from nodes.dsp.singing.singers import SINGERS, table


def render(frames=2**16, **values):
    block = block_of(Formant, frames=frames, **values)
    Formant.process(block)
    return block.out[:, 0].astype(np.float64)


@compiled
@pytest.mark.parametrize("singer", SINGERS)
@pytest.mark.parametrize("vowel", range(5))
def test_the_first_two_formants_are_where_the_singer_has_them(singer, vowel):
    freq = 55.0
    heard = levels(render(freq=freq, vowel=float(vowel), singer=singer), freq)
    hertz = freq * np.arange(1, len(heard) + 1)
    for formant in range(2):
        at = 2 ** table(singer)[vowel, 3 * formant]
        near = np.abs(hertz - at) < 160
        assert abs(hertz[near][np.argmax(heard[near])] - at) < freq


@compiled
def test_a_formant_has_its_level_and_bandwidth():
    freq = 10.0
    heard = levels(render(2**18, freq=freq, vowel=2.0, singer="tenor"), freq)
    # i: 290 Hz and 40 Hz wide; 1870 Hz, 15 dB below and 90 Hz wide.
    first, second = heard[20:40].max(), heard[170:205].max()
    assert second - first == pytest.approx(-15 - 10 * np.log10(90 / 40), abs=1)
    assert np.sum(heard[170:205] > second - 3) * freq == pytest.approx(90, abs=20)


@compiled
@pytest.mark.parametrize("freq", [55.0, 220.3, 880.3, 3_000.0])
def test_there_are_no_aliases(freq):
    freq = float(np.float32(freq))
    for vowel in (0.0, 1.5, 4.0):
        assert alias(render(freq=freq, vowel=vowel), freq) < -110


@compiled
def test_formants_stay_while_the_pitch_moves_and_shift_moves_them():
    peaks = []
    for freq, shift in ((50.0, 1.0), (125.0, 1.0), (50.0, 2.0)):
        heard = levels(render(freq=freq, vowel=0.0, shift=shift), freq)
        peaks.append(freq * (1 + np.argmax(heard)))
    assert peaks[0] == pytest.approx(650, abs=60)
    assert peaks[1] == pytest.approx(650, abs=125)
    assert peaks[2] == pytest.approx(1_300, abs=60)


@compiled
def test_loudness_depends_little_on_the_pitch():
    loud = [np.sqrt(np.mean(render(freq=f, vowel=1.0) ** 2)) for f in (40.0, 110.0, 330.0)]
    assert np.ptp(20 * np.log10(loud)) < 3


@compiled
def test_a_glide_of_pitch_and_vowel_does_not_click():
    n = 96_000
    out = render(n, freq=np.geomspace(80, 1_200, n), vowel=np.linspace(0, 4, n))
    high = np.abs(np.fft.rfft(out * np.kaiser(n, 20)))[2 * 12_000 :]
    assert 20 * np.log10(high.max() / n) < -90
    assert np.abs(out).max() < 2.5
