"""Convolution: equal to SciPy's without latency; rooms with the stated decay; clear errors for unusable files."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from rooms import decay_time, ringing
from scipy.signal import fftconvolve

from graph import AudioFileError
from graph.native.functions import PLAIN
from graph.testing import block_of, node_contract
from nodes import Convolution
from nodes.dsp.convolution.rooms import ROOMS, room_response

RATE = 48_000
RANDOM = np.random.default_rng(4)


def convolved(audio, **options):
    block = block_of(Convolution, audio=audio, **options)
    Convolution.process(block)
    return block.out.astype(np.float64)


def a_file(path, response, rate=RATE):
    soundfile.write(path, response, rate, "FLOAT")
    return str(path)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(Convolution, sample_rate=sample_rate, decay=0.3)


@pytest.mark.parametrize("taps", [1, 100, 129, 4_000, 4_097, 9_000])
def test_it_equals_scipys_fftconvolve_to_120_db_from_the_first_sample_on(taps, tmp_path):
    frames = 9_000 if PLAIN else 30_000
    response = RANDOM.standard_normal((taps, 2)).astype(np.float32)
    audio = RANDOM.uniform(-1, 1, (frames, 2)).astype(np.float32)
    expected = fftconvolve(audio.astype(np.float64), response.astype(np.float64), axes=0)[:frames]
    out = convolved(audio, file=a_file(tmp_path / "response.wav", response))
    error = np.abs(out - expected).max() / np.abs(expected).max()
    assert 20 * np.log10(error) < -120


def test_a_long_response_is_exact_to_its_end(tmp_path):
    response = np.zeros((60_000, 2), np.float32)
    response[[0, 4_095, 4_096, 33_333, 59_999]] = [[1, 0.5], [0.4, 0.3], [0.3, -0.4], [0.2, 0.1], [0.1, -0.9]]
    audio = np.zeros((70_000, 2), np.float32)
    audio[5] = 1, 0.5
    out = convolved(audio, file=a_file(tmp_path / "response.wav", response))
    np.testing.assert_allclose(out[5:60_005], response * audio[5], atol=1e-6)


def test_blocks_of_any_length_give_the_same_samples(tmp_path):
    file = a_file(tmp_path / "response.wav", RANDOM.standard_normal((9_000, 2)) * 0.1)
    audio = RANDOM.uniform(-1, 1, (14_000, 2)).astype(np.float32)
    whole = convolved(audio, file=file)
    states, parts = {}, []
    for start, stop in ((0, 1), (1, 127), (127, 2_100), (2_100, 14_000)):
        block = block_of(Convolution, audio=audio[start:stop], frames=stop - start, file=file, **states)
        Convolution.process(block)
        states = {name: getattr(block, name) for name in Convolution.states()}
        parts.append(block.out)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_mono_response_is_for_both_sides(tmp_path):
    out = convolved(np.eye(50, 2, dtype=np.float32), file=a_file(tmp_path / "mono.wav", np.array([0.5, 0.25])))
    np.testing.assert_allclose(out[:3], [[0.5, 0], [0.25, 0.5], [0, 0.25]], atol=1e-7)


def test_a_response_of_another_rate_keeps_its_timing_and_level(tmp_path):
    response = np.zeros(22_050)
    response[2_205] = 1
    audio = np.zeros((12_000, 2))
    audio[0] = 1
    out = convolved(audio, file=a_file(tmp_path / "slow.wav", response, 22_050))[:, 0]
    assert np.argmax(np.abs(out)) == 4_800
    assert np.abs(np.fft.rfft(out)[:2_000]) == pytest.approx(RATE / 22_050, rel=0.01)


@pytest.mark.parametrize("room", list(ROOMS))
@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_a_room_falls_by_60_db_in_its_decay(room, decay):
    rate = 16_000.0
    expected = decay or ROOMS[room].decay
    times = [decay_time(side, rate, (800, 1_250)) for side in room_response(room, decay, rate).T.astype(np.float64)]
    assert np.mean(times) == pytest.approx(expected, rel=0.05)


def test_a_long_spring_does_not_end_early():
    times = [decay_time(side, 16_000.0, (800, 1_250)) for side in room_response("spring", 8.0, 16_000.0).T]
    assert np.mean(times) == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize("room", list(ROOMS))
def test_nothing_in_a_room_rings(room):
    response = room_response(room, 3.0, 8_000.0)
    assert ringing(response.T.astype(np.float64), 8_000.0, 3.0) < 6


@pytest.mark.parametrize("room", list(ROOMS))
def test_noise_leaves_a_room_as_loud_as_it_enters_and_the_sides_are_uncorrelated(room):
    left, right = room_response(room, 0.0, 48_000.0).T.astype(np.float64)
    assert (left**2).sum() == pytest.approx(1, rel=1e-4)
    assert (right**2).sum() == pytest.approx(1, rel=1e-4)
    assert abs((left * right).sum()) < 0.3


@pytest.mark.parametrize("rate", [44_100.0, 96_000.0])
@pytest.mark.parametrize("room", list(ROOMS))
def test_a_room_is_the_same_at_every_sample_rate(room, rate):
    here, there = (room_response(room, 1.0, each).astype(np.float64) for each in (48_000.0, rate))
    for low in (50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800):
        one, other = (band(x, each, low) for x, each in ((here, 48_000.0), (there, rate)))
        assert other == pytest.approx(one, abs=0.1) or max(one, other) < -60
    for side in range(2):
        one, other = (decay_time(x[:, side], each, (800, 1_250)) for x, each in ((here, 48_000.0), (there, rate)))
        assert other == pytest.approx(one, rel=0.01)


def band(response, rate, low):
    """Gain of a room for a band of noise, in dB."""
    gain = np.abs(np.fft.rfft(response, axis=0)) ** 2
    freq = np.fft.rfftfreq(len(response), 1 / rate)
    return 10 * np.log10(gain[(freq >= low) & (freq < 1.5 * low)].mean())


def test_a_canyon_answers_with_echoes_and_a_cathedral_slowly():
    energy = np.cumsum(room_response("canyon", 0.0, 8_000.0)[:, 0].astype(np.float64) ** 2)
    assert energy[int(0.3 * 8_000)] < 0.01
    fall = np.exp(6 * np.log(10) / 4.5 * np.arange(0.32 * 8_000) / 8_000)
    echoes = np.diff(energy)[2_560 : 5 * 2_560].reshape(4, 2_560) * fall
    assert (echoes[:, :640].sum(axis=1) > 5 * echoes[:, -640:].sum(axis=1)).all()
    slow, fast = (
        np.cumsum(room_response(r, 0.0, 8_000.0)[:, 0].astype(np.float64) ** 2) for r in ("cathedral", "hall")
    )
    assert np.argmax(slow > 0.1) > 2 * np.argmax(fast > 0.1)


def test_a_spring_chirps_low_before_high():
    response = room_response("spring", 0.0, 16_000.0)[:, 0].astype(np.float64)
    early = response[: int(0.075 * 16_000)]
    spectrum = np.fft.rfft(early, 8_192)
    moment = np.fft.rfft(early * np.arange(len(early)), 8_192)
    power = np.abs(spectrum) ** 2
    delay = (moment * spectrum.conj()).real

    def mean(low, high):
        band = slice(int(low / 16_000 * 8_192), int(high / 16_000 * 8_192))
        return delay[band].sum() / power[band].sum() / 16_000

    assert mean(300, 800) < mean(2_000, 2_500) < mean(3_200, 3_600)


def test_unusable_files_are_named_with_the_reason(tmp_path):
    def refused(path, words):
        with pytest.raises(AudioFileError, match=words) as caught:
            block_of(Convolution, file=str(path))
        assert str(path) in str(caught.value)

    refused(tmp_path / "none.wav", "no such file")
    refused(tmp_path, "is a directory")
    (tmp_path / "text.wav").write_text("not a sound")
    refused(tmp_path / "text.wav", "cannot be read as audio")
    refused(a_file(tmp_path / "empty.wav", np.zeros((0, 1))), "no frames")
    refused(a_file(tmp_path / "nan.wav", np.array([0, 1, np.nan])), "non-finite.* frame 2")
    refused(a_file(tmp_path / "eight.wav", np.zeros((10, 8))), "8 channels; the limit is 2")
    refused(a_file(tmp_path / "long.wav", np.zeros(21_000), 1_000), "21 seconds long; the limit is 20")
