"""Common tests of filters: response, slope, corner and stability, each for a table of filters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from alias import compiled
from measure import assert_is_bilinear, bilinear, click_of, db, gains, response
from scipy import signal
from scipy.optimize import brentq

from graph import Node
from graph.testing import block_of
from nodes import AllPass, BandPass, Eq, HighPass, HighShelf, Ladder, LowPass, LowShelf, Notch, Peak, Tilt

HALF = 10 * np.log10(0.5)


def gain(impulse: Any, freq: float, rate: float) -> Any:
    return np.sum(impulse * np.exp(-2j * np.pi * freq / rate * np.arange(len(impulse))))


def impulse_response(cls: type[Node], rate: float, frames: int, **inputs: Any) -> Any:
    audio = np.zeros(frames, np.float32)
    audio[0] = 1
    block = block_of(cls, audio=audio, sample_rate=rate, **inputs)
    cls.process(block)
    return block.out[:, 0].astype(np.float64)


@compiled
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("cutoff", [100.0, 440.0, 1_000.0, 5_000.0, 12_000.0, 18_000.0])
@pytest.mark.parametrize("cls", [LowPass, HighPass])
def test_the_corner_is_right_within_a_tenth_of_a_percent(cls: type[Node], cutoff: float, rate: float) -> None:
    heard = impulse_response(cls, rate, 40_000, cutoff=cutoff, q=0.5**0.5)
    top = min(1.2 * cutoff, 0.49 * rate)
    corner = brentq(lambda freq: db(gain(heard, freq, rate)) - HALF, 0.8 * cutoff, top)
    assert corner == pytest.approx(cutoff, rel=1e-3)


@compiled
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("cutoff", [100.0, 440.0, 1_000.0, 5_000.0, 12_000.0, 18_000.0])
def test_the_middle_is_right_within_a_tenth_of_a_percent(cutoff: float, rate: float) -> None:
    """The frequency where a band-pass has phase 0, an all-pass 180 degrees, and a notch its null."""
    band, notch, turned = (
        impulse_response(cls, rate, 80_000, cutoff=cutoff, q=4.0) for cls in (BandPass, Notch, AllPass)
    )
    ends = 0.9 * cutoff, min(1.1 * cutoff, 0.49 * rate)
    for found in (
        brentq(lambda freq: np.angle(gain(band, freq, rate)), *ends),
        brentq(lambda freq: np.angle(-gain(turned, freq, rate)), *ends),
        brentq(lambda freq: (gain(notch, freq, rate) / gain(band, freq, rate)).imag, *ends),
    ):
        assert found == pytest.approx(cutoff, rel=1e-3)


PROTOTYPES: dict[type[Node], tuple[int, int, int]] = {
    LowPass: (0, 0, 1),
    HighPass: (1, 0, 0),
    BandPass: (0, 1, 0),
    Notch: (1, 0, 1),
    AllPass: (1, -1, 1),
}
"""Coefficients of s**2, s / q and 1 in the numerator over s**2 + s / q + 1."""


def over(cls: type[Node], q: float) -> list[float]:
    square, middle, last = PROTOTYPES[cls]
    return [square, middle / q, last]


def spots(cutoff: float, q: float, rate: float) -> Any:
    """Frequencies over the whole band, and so close to the cutoff that a notch is below -40 dB there."""
    near = np.geomspace(0.008, 30, 14) / (2 * q)
    freq = [cutoff * (np.hypot(1, near) + near), cutoff * (np.hypot(1, near) - near), np.geomspace(1, 0.499 * rate, 16)]
    freq = np.concatenate([*freq, [cutoff]])
    return freq[(freq > 1) & (freq < 0.499 * rate)]


def ring(cutoff: float, q: float, rate: float) -> int:
    """Frames until the filter has decayed by 17 nepers, 148 dB, where truncation does not matter."""
    return round(4_096 + 34 * q / np.sin(2 * np.pi * cutoff / rate))


@compiled
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0])
@pytest.mark.parametrize("cls", PROTOTYPES)
def test_level_and_phase_are_the_bilinear_prototypes_from_20_hz_to_20_khz(cls: type[Node], rate: float) -> None:
    """Asserts a match within 0.01 dB and 0.1 degree wherever the prototype is above -40 dB, q 0.5 to 100."""
    for cutoff in np.float32([20.0, 47.3, 331.7, 1_000.0, 12_345.6, 20_000.0]).astype(np.float64):
        for q in (0.5, 5.0, 20.0, 100.0):
            freq = spots(cutoff, q, rate)
            heard = gains(impulse_response(cls, rate, ring(cutoff, q, rate), cutoff=cutoff, q=q), freq, rate)
            truth = bilinear(over(cls, q), [1, 1 / q, 1], cutoff, rate, freq)
            asked = np.abs(truth) > 0.01
            assert np.abs(db(heard) - db(truth))[asked].max() < 0.01, (cutoff, q)
            assert np.abs(np.degrees(np.angle(heard[asked] / truth[asked]))).max() < 0.1, (cutoff, q)


@pytest.mark.parametrize("q", [0.5, 100.0])
@pytest.mark.parametrize("cls", PROTOTYPES)
def test_what_the_prototype_is_measured_with_is_exact(cls: type[Node], q: float) -> None:
    """Validates the measurement: the prototype in float64, at its longest ringing, measures as itself."""
    cutoff, rate = 20.0, 96_000.0
    w = 2 * rate * np.tan(np.pi * cutoff / rate)
    b, a = ([c / w ** (2 - i) for i, c in enumerate(p)] for p in (over(cls, q), [1, 1 / q, 1]))
    impulse = np.zeros(ring(cutoff, q, rate))
    impulse[0] = 1
    freq = spots(cutoff, q, rate)
    heard = gains(signal.lfilter(*signal.bilinear(b, a, rate), impulse), freq, rate)
    truth = bilinear(over(cls, q), [1, 1 / q, 1], cutoff, rate, freq)
    asked = np.abs(truth) > 0.01
    assert np.abs(heard / truth - 1)[asked].max() < 1e-4


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 2.0, 4.0])
@pytest.mark.parametrize("place", [0.02, 0.1, 0.35])
@pytest.mark.parametrize("cls", PROTOTYPES)
def test_level_and_phase_are_the_bilinear_designs(cls: type[Node], place: float, q: float, sample_rate: float) -> None:
    """Within 0.01 dB and 0.1 degree wherever the prototype is above -40 dB."""
    cutoff = min(place * sample_rate, 20_000.0)
    assert_is_bilinear(cls, over(cls, q), [1, 1 / q, 1], cutoff, sample_rate, q=q)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 4.0])
@pytest.mark.parametrize("cls", PROTOTYPES)
def test_level_is_the_bilinear_designs_down_to_minus_80_db(cls: type[Node], q: float, sample_rate: float) -> None:
    for cutoff in (0.02 * sample_rate, 0.1 * sample_rate, min(20_000.0, 0.4 * sample_rate)):
        freq, heard = response(cls, sample_rate, 8_192, cutoff=cutoff, q=q)
        truth = db(bilinear(over(cls, q), [1, 1 / q, 1], cutoff, sample_rate, freq))
        assert np.abs(db(heard) - truth)[truth > -80].max() < 0.05


@pytest.mark.parametrize("cutoff", [200.0, 1_000.0, 10_000.0])
@pytest.mark.parametrize("cls", [LowPass, HighPass])
def test_corner_is_minus_3_db(cls: type[Node], cutoff: float) -> None:
    freq, heard = response(cls, frames=8_192, cutoff=cutoff, q=2**-0.5)
    assert np.interp(cutoff, freq, db(heard)) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize(
    ("cls", "cutoff", "q", "sample_rate", "near", "far", "slope", "within"),
    [
        (LowPass, 200.0, 0.707, 48_000.0, 1_600.0, 3_200.0, 12.0, 0.4),
        (HighPass, 8_000.0, 0.707, 48_000.0, 1_000.0, 500.0, 12.0, 0.2),
        (BandPass, 1_000.0, 2.0, 192_000.0, 16_000.0, 32_000.0, 6.0, 1.0),
        (BandPass, 1_000.0, 2.0, 192_000.0, 125.0, 62.5, 6.0, 0.3),
    ],
)
def test_slope_per_octave(
    cls: type[Node],
    cutoff: float,
    q: float,
    sample_rate: float,
    near: float,
    far: float,
    slope: float,
    within: float,
) -> None:
    """Slope in dB between two frequencies an octave apart, far from the cutoff."""
    freq, heard = response(cls, sample_rate, 8_192, cutoff=cutoff, q=q)
    assert np.interp(near, freq, db(heard)) - np.interp(far, freq, db(heard)) == pytest.approx(slope, abs=within)


@pytest.mark.parametrize("q", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("cls", [LowPass, HighPass])
def test_gain_at_the_cutoff_is_q(cls: type[Node], q: float) -> None:
    tone = 0.01 * np.sin(2 * np.pi * 1_000 / 48_000 * np.arange(48_000)).astype(np.float32)
    block = block_of(cls, audio=tone, cutoff=1_000.0, q=q)
    cls.process(block)
    assert np.abs(block.out[-480:, 0]).max() / 0.01 == pytest.approx(q, rel=0.01)


@pytest.mark.parametrize(("cls", "level"), [(LowPass, 1), (HighPass, 0), (BandPass, 0), (Notch, 1), (AllPass, 1)])
def test_a_step_settles_at_the_gain_of_0_hz(cls: type[Node], level: float) -> None:
    block = block_of(cls, audio=np.ones(4_800), cutoff=100.0)
    cls.process(block)
    assert block.out[-1, 0] == pytest.approx(level, abs=1e-5)


@pytest.mark.parametrize("cls", PROTOTYPES)
def test_a_broken_cutoff_leaves_the_filter_whole(cls: type[Node]) -> None:
    cutoff = np.full(400, 1_000.0)
    cutoff[100:110] = np.nan, np.inf, -np.inf, 0, -1, 1e30, 1e-30, np.nan, 3e38, -3e38
    block = block_of(cls, audio=np.ones(400), cutoff=cutoff)
    cls.process(block)
    assert np.isfinite(block.out).all()


@pytest.mark.parametrize("cls", PROTOTYPES)
def test_compiled_equals_plain_python(cls: type[Node]) -> None:
    rng = np.random.default_rng(1)
    audio, cutoff = rng.uniform(-1, 1, (300, 3)), rng.uniform(20, 20_000, (300, 3))
    blocks = [block_of(cls, audio=audio, cutoff=cutoff, q=5.0) for _ in range(2)]
    cls.process(blocks[0])
    cls.kernel.run_plain(blocks[1])
    assert np.abs(blocks[0].out - blocks[1].out).max() < 1e-4


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("cls", PROTOTYPES)
def test_noise_on_the_cutoff_over_its_whole_range_stays_bounded_at_q_100(cls: type[Node], sample_rate: float) -> None:
    rng = np.random.default_rng(0)
    cutoff = 20 * 1000 ** rng.random((20_000, 4))
    block = block_of(cls, audio=rng.uniform(-1, 1, (20_000, 4)), cutoff=cutoff, q=100.0, sample_rate=sample_rate)
    cls.process(block)
    assert np.isfinite(block.out).all()
    assert np.abs(block.out).max() < 100


@pytest.mark.parametrize(
    ("cls", "b", "a"),
    [
        (LowShelf, lambda a: [1, (2 * a) ** 0.5, a], lambda a: [1, (2 / a) ** 0.5, 1 / a]),
        (HighShelf, lambda a: [a * a, a * (2 * a) ** 0.5, a], lambda a: [1, (2 * a) ** 0.5, a]),
    ],
)
@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0])
@pytest.mark.parametrize("freq", [30.0, 200.0, 3_000.0, 8_000.0, 12_000.0, 16_000.0, 20_000.0])
def test_a_shelf_is_within_half_a_decibel_of_the_analog_curve_up_to_16_khz(
    cls: type[Node], b: Any, a: Any, freq: float, sample_rate: float
) -> None:
    for gain in (-24.0, -6.0, 6.0, 24.0):
        f, heard = response(cls, sample_rate, freq=freq, gain=gain, frames=4_096 if freq > 100 else 16_384)
        level = 10 ** (gain / 40)
        truth = signal.freqs(b(level), a(level), f / freq)[1]
        assert np.abs(db(heard) - db(truth))[f < 16_000].max() < 0.5, gain


@pytest.mark.parametrize("cls", [Peak, LowShelf, HighShelf, Tilt, Eq])
def test_no_gain_changes_nothing(cls: type[Node]) -> None:
    given = {} if cls is Eq else {"gain": 0.0}  # an Eq has four, all 0 by default
    assert np.abs(db(response(cls, **given)[1])).max() < 0.001


@pytest.mark.parametrize(
    ("cls", "word", "before", "after"),
    [
        *((cls, "cutoff", 220 if cls is Notch else 100, 5_000 if cls is Notch else 10_000) for cls in PROTOTYPES),
        *((cls, "q", 0.5, 100) for cls in PROTOTYPES),
        *((cls, "gain", *ends) for cls in (Peak, LowShelf, HighShelf) for ends in ((-24, 24), (24, -24))),
        (Peak, "freq", 220, 15_000),
        (Peak, "q", 0.2, 100),
        (LowShelf, "freq", 50, 5_000),
        (HighShelf, "freq", 50, 5_000),
        (Tilt, "gain", -12, 12),
        (Tilt, "freq", 20, 20_000),
    ],
)
def test_a_changed_value_does_not_click(cls: type[Node], word: str, before: float, after: float) -> None:
    assert click_of(cls, word, before, after) < -60


WILD: dict[type[Node], dict[str, Any]] = {
    **{cls: {"cutoff": "freq", "q": 100.0} for cls in (LowPass, HighPass, BandPass, Notch, AllPass)},
    Peak: {"freq": "freq", "q": 100.0, "gain": 24.0},
    LowShelf: {"freq": "freq", "gain": 24.0},
    HighShelf: {"freq": "freq", "gain": 24.0},
    Tilt: {"freq": "freq", "gain": 12.0},
    Eq: {"freq1": "freq", "freq2": "freq", "low_freq": "freq", "high_freq": "freq", "gain1": 24.0, "q1": 100.0},
    Ladder: {"cutoff": "freq", "resonance": 1.2},
}
"""Inputs modulated by noise over all frequencies, at the highest resonance."""


@compiled
@pytest.mark.parametrize("rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("cls", WILD)
def test_noise_on_the_frequency_at_audio_rate_stays_bounded(cls: type[Node], rate: float) -> None:
    random = np.random.default_rng(0)
    frames = 48_000
    given = {word: 20 * 1000 ** random.random(frames) if v == "freq" else v for word, v in WILD[cls].items()}
    block = block_of(cls, audio=random.uniform(-1, 1, frames), sample_rate=rate, **given)
    cls.process(block)
    out = np.abs(block.out[:, 0])
    assert np.isfinite(out).all()
    assert out.max() < 300
    assert out[frames // 2 :].max() < 3 * out[: frames // 2].max() + 1


@pytest.mark.parametrize("cls", [LowPass, HighPass, BandPass, Notch, AllPass])
def test_the_sharpest_filter_rings_at_its_cutoff(cls: type[Node]) -> None:
    freq, heard = response(cls, cutoff=1_000.0, q=100.0, frames=48_000)
    levels = {LowPass: 100.0, HighPass: 100.0, BandPass: 1.0, Notch: 0.0, AllPass: 1.0}
    assert np.abs(heard[freq == 1_000.0]) == pytest.approx(levels[cls], rel=0.01, abs=1e-3)
