from __future__ import annotations

import numpy as np
import pytest
import soundfile
from alias import compiled

from graph import AudioFileError
from graph.testing import block_of, node_contract
from nodes import Granular

RATE = 8_000
STILL = {"scan": 0.0, "spray": 0.0, "detune": 0.0, "spread": 0.0}


@pytest.fixture
def sweep(tmp_path):
    """Four seconds whose pitch encodes the position: 200 Hz at the start, 1,000 Hz at the end."""
    turns = np.cumsum(np.linspace(200, 1_000, 4 * RATE)) / RATE
    soundfile.write(tmp_path / "sweep.wav", np.sin(2 * np.pi * turns), RATE, subtype="FLOAT")
    return str(tmp_path / "sweep.wav")


def render(frames=RATE, name="cloud", **values):
    block = block_of(Granular, frames=frames, sample_rate=RATE, name=name, **values)
    Granular.process(block)
    return block.out.astype(np.float64)


def pitch(x):
    """Frequency of the strongest partial, and the bandwidth around it, in Hz."""
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    hertz = np.fft.rfftfreq(len(x), 1 / RATE)
    return np.sum(power * hertz) / np.sum(power)


@compiled
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_place_is_the_position_in_the_file(sweep, place):
    out = render(file=sweep, place=place, size=0.05, **STILL)[1_000:, 0]
    assert pitch(out) == pytest.approx(200 + 800 * (place + 0.025 / 4), rel=0.05)


@compiled
@pytest.mark.parametrize("semitones", [-12.0, 7.0])
def test_pitch_is_in_semitones_and_does_not_move_the_position(sweep, semitones):
    out = render(file=sweep, place=0.5, size=0.05, pitch=semitones, **STILL)[1_000:, 0]
    assert pitch(out) == pytest.approx(605 * 2 ** (semitones / 12), rel=0.06)


@compiled
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("semitones", [7, 12, 19, 31, 36])
def test_grains_above_their_pitch_do_not_alias(semitones, live, tmp_path):
    """Tones at 0.6, 2.3, 6.1, 11 and 17 kHz: those shifted above Nyquist must vanish, not alias."""
    rate = 48_000
    freqs = np.array([600, 2_300, 6_100, 11_000, 17_000])
    chord = 0.1 * np.sin(2 * np.pi * freqs[:, None] / rate * np.arange(6 * rate)).sum(axis=0)
    soundfile.write(tmp_path / "chord.wav", chord, rate, "FLOAT")
    source = {"audio": chord, "memory": 20.0} if live else {"file": str(tmp_path / "chord.wav")}
    values = {"pitch": float(semitones), "size": 0.5, "density": 4.0, **STILL, **source}
    block = block_of(Granular, frames=6 * rate, sample_rate=rate, name="cloud", **values)
    Granular.process(block)
    power = np.abs(np.fft.rfft(block.out[-48_000:, 0].astype(float) * np.kaiser(48_000, 18))) ** 2
    hertz = np.arange(len(power))
    kept = (np.abs(hertz[:, None] - freqs * 2 ** (semitones / 12)) < 60).any(axis=1)
    # A memory is kept at its own rate, a file at twice its own, where interpolation is right to the top.
    top, most = (16_000, -40) if live else (20_000, -75)
    assert 10 * np.log10(power[~kept & (hertz < top)].sum() / power[kept].sum()) < most


@compiled
def test_scan_moves_through_the_file_and_leaves_the_pitch_of_each_place(sweep):
    out = render(3 * RATE, file=sweep, size=0.05, **{**STILL, "scan": 0.5})[:, 0]
    assert pitch(out[2 * RATE : 2 * RATE + 2_000]) == pytest.approx(200 + 800 * (2.125 * 0.5 / 4), rel=0.07)


@compiled
def test_grains_start_at_the_density():
    n = 10 * RATE
    out = render(n, audio=np.ones(n), density=5.0, size=0.02, place=0.0, **STILL)[:, 0]
    starts = np.sum((out[1:] > 1e-4) & (out[:-1] <= 1e-4))
    assert starts == pytest.approx(50, abs=8)


@compiled
def test_a_grain_is_a_raised_cosine_as_long_as_its_size():
    n = 2 * RATE
    out = render(n, audio=np.ones(n), density=1.0, size=0.1, **STILL)[:, 0]
    first = np.flatnonzero(out > 1e-4)[0]
    grain = out[first - 3 : first + 840]
    assert grain.max() == pytest.approx(1, abs=1e-3)
    assert np.sum(grain > 0.5) == pytest.approx(400, abs=3)
    assert np.abs(np.diff(grain)).max() < np.pi / 800 * 1.05


@compiled
def test_loudness_hangs_little_on_size_and_density():
    rng = np.random.default_rng(0)
    audio = rng.uniform(-1, 1, 3 * RATE)
    loud = []
    for size, density in ((0.05, 20.0), (0.05, 200.0), (0.3, 60.0)):
        out = render(3 * RATE, audio=audio, size=size, density=density, spray=0.5, place=0.2)[RATE:]
        loud.append(20 * np.log10(np.sqrt(np.mean(out**2))))
    assert np.ptp(loud) < 4


@compiled
def test_live_grains_never_read_unwritten_samples():
    audio = np.concatenate([np.zeros(RATE), np.ones(RATE)])
    out = render(2 * RATE, audio=audio, pitch=24.0, size=0.5, density=50.0)
    assert (out[:RATE] == 0).all()
    assert np.abs(out[RATE:]).max() > 0.1


@compiled
def test_spread_is_stereo_and_none_is_mono(sweep):
    mono = render(file=sweep, **STILL)
    assert (mono[:, 0] == mono[:, 1]).all()
    wide = render(file=sweep, **{**STILL, "spread": 1.0})
    assert np.abs(wide[:, 0] - wide[:, 1]).max() > 0.1


def test_a_name_or_seed_gives_the_same_cloud_every_time(sweep):
    assert (render(2_000, file=sweep) == render(2_000, file=sweep)).all()
    assert (render(2_000, file=sweep) != render(2_000, file=sweep, name="other")).any()


def test_the_contract_is_kept_with_a_file(sweep):
    node_contract(Granular, file=sweep)


def test_a_missing_file_is_an_error_that_names_it():
    with pytest.raises(AudioFileError, match=r"none\.wav"):
        block_of(Granular, file="none.wav")


@compiled
@pytest.mark.parametrize("pitch_by", [0.0, 12.0, -7.0])
def test_a_frozen_buffer_keeps_its_level_for_a_minute(pitch_by):
    frames = 66 * RATE
    audio = 0.3 * np.random.default_rng(1).standard_normal(frames)
    freeze = (np.arange(frames) > 4.9 * RATE).astype(np.float32)
    out, other = (
        render(frames, audio=sound, freeze=freeze, place=0.2, pitch=pitch_by)[6 * RATE :, 0]
        for sound in (audio, np.where(np.arange(frames) < 5 * RATE, audio, 0))
    )
    np.testing.assert_array_equal(out, other)  # the input is muted
    levels = 10 * np.log10((out.reshape(-1, 5 * RATE) ** 2).mean(axis=1))
    assert np.ptp(levels) < 2.5


@compiled
def test_a_frozen_tone_keeps_its_position_and_pitch():
    turns = np.cumsum(np.linspace(200, 1_000, 4 * RATE)) / RATE
    audio = np.concatenate([np.sin(2 * np.pi * turns), np.zeros(20 * RATE)])
    freeze = (np.arange(len(audio)) >= 4 * RATE).astype(np.float32)
    still = {"spray": 0.0, "detune": 0.0, "spread": 0.0}
    out = render(len(audio), audio=audio, freeze=freeze, place=0.5, size=0.05, **still)[5 * RATE :, 0]
    for part in (out[:RATE], out[-RATE:]):
        assert pitch(part) == pytest.approx(200 + 800 * (0.5 + 0.025 / 4), rel=0.05)


@compiled
@pytest.mark.parametrize("pitch_by", [0.0, 12.0, 24.0])
def test_freezing_and_unfreezing_does_not_click(pitch_by):
    audio = 0.5 * np.sin(2 * np.pi * 100 / RATE * np.arange(12 * RATE))
    freeze = ((np.arange(len(audio)) // (2 * RATE)) % 2).astype(np.float32)
    out = render(len(audio), audio=audio, freeze=freeze, size=0.2, pitch=pitch_by, density=20.0, memory=1.0)
    plain = render(len(audio), audio=audio, size=0.2, pitch=pitch_by, density=20.0, memory=1.0)
    clicks = [np.abs(np.diff(sound[2 * RATE :, 0], 3)).max() for sound in (out, plain)]
    assert clicks[0] < 2 * clicks[1] + 1e-4
