from __future__ import annotations

import numpy as np
import pytest
from alias import compiled

from graph.testing import block_of
from nodes import Organ

BARS = {
    "sub": 0.5,
    "quint": 1.5,
    "unison": 1,
    "octave": 2,
    "twelfth": 3,
    "fifteenth": 4,
    "tierce": 5,
    "larigot": 6,
    "whistle": 8,
}
OFF = dict.fromkeys(BARS, 0.0)


def lines(**values):
    """Amplitudes in bins of 1 Hz, from one second."""
    block = block_of(Organ, frames=48_000, **values)
    Organ.process(block)
    return np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64))) / 24_000


@compiled
@pytest.mark.parametrize("bar", BARS)
def test_each_drawbar_is_one_sine_at_its_footage(bar):
    heard = lines(freq=400.0, **{**OFF, bar: 8.0})
    at = round(400 * BARS[bar])
    assert heard[at] == pytest.approx(0.25, rel=1e-4)
    heard[at] = 0
    assert heard.max() < 1e-4


@compiled
def test_a_drawbar_step_is_3_db_and_0_is_silent():
    heard = [lines(freq=400.0, **{**OFF, "unison": float(step)})[400] for step in range(9)]
    np.testing.assert_allclose(20 * np.log10(np.array(heard[1:]) / 0.25), 3.0103 * np.arange(-7, 1), atol=0.01)
    assert heard[0] == 0


@compiled
def test_drawbars_add_up():
    heard = lines(freq=200.0, **dict.fromkeys(BARS, 8.0))
    for times in BARS.values():
        assert heard[round(200 * times)] == pytest.approx(0.25, rel=1e-3)


@compiled
@pytest.mark.parametrize("freq", [3_002.0, 4_186.0, 15_000.0])
def test_partials_above_half_the_sample_rate_do_not_alias(freq):
    heard = lines(freq=freq, **dict.fromkeys(BARS, 8.0))
    known = [freq * times for times in BARS.values() if freq * times < 24_000]
    for at in known:
        heard[max(0, int(at) - 3) : int(at) + 5] = 0
    assert heard.max() < 1e-4
