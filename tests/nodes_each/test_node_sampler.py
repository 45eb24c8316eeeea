"""Sampler: pitch, zones, loops, releases, and files that will not do."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from alias import compiled
from clicks import spark

from graph import AudioFileError, NodeError
from graph.testing import block_of, node_contract
from nodes import Sampler

RATE = 48_000
C4 = 440 * 2 ** (-9 / 12)


def a_tone(path, freq, seconds=1.0, rate=RATE, level=0.5, channels=1):
    tone = level * np.sin(2 * np.pi * freq / rate * np.arange(int(seconds * rate)))
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate, "FLOAT")
    return str(path)


def played(frames=9_600, gate=1.0, **more):
    block = block_of(Sampler, frames=frames, gate=gate, width=1, **more)
    Sampler.process(block)
    return block.out[:, 0].astype(np.float64)


def pitch(signal, rate=RATE):
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 2**20))
    return np.argmax(power) * rate / 2**20


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate, tmp_path):
    node_contract(Sampler, sample_rate=sample_rate, file=a_tone(tmp_path / "tone.wav", 300, channels=2))


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("semitones", [-12, 0, 0.37, 7])
def test_a_key_plays_the_recording_at_its_pitch_whatever_its_rate(rate, semitones, tmp_path):
    file = a_tone(tmp_path / "tone.wav", 300, rate=rate)
    out = played(freq=C4 * 2 ** (semitones / 12), file=file)
    assert pitch(out) == pytest.approx(300 * 2 ** (semitones / 12), abs=0.3)
    assert np.abs(out[500:-500]).max() == pytest.approx(0.5, rel=0.01)


def test_at_its_own_pitch_it_is_the_recording(tmp_path):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 2_000)
    low = np.fft.irfft(np.fft.rfft(noise) * (np.arange(1_001) < 800))
    soundfile.write(tmp_path / "noise.wav", low, RATE, "FLOAT")
    np.testing.assert_allclose(
        played(1_800, freq=C4, file=str(tmp_path / "noise.wav"))[50:1_750], low[50:1_750], atol=2e-3
    )


@pytest.mark.parametrize("semitones", [-7.3, 4.1])
def test_what_interpolation_adds_is_66_db_below(semitones, tmp_path):
    file = a_tone(tmp_path / "tone.wav", 7_000, rate=44_100)
    out = played(freq=C4 * 2 ** (semitones / 12), file=file)[500:8_692]
    power = np.abs(np.fft.rfft(out * np.blackman(len(out)))) ** 2
    peak = np.argmax(power)
    rest = np.delete(power, np.arange(peak - 8, peak + 9))
    assert 10 * np.log10(rest.sum() / power[peak - 8 : peak + 9].sum()) < -66


@compiled
@pytest.mark.parametrize("semitones", [7, 12, 19, 31, 44])
@pytest.mark.parametrize("loops", [False, True])
def test_keys_above_the_root_alias_65_db_below_what_is_left(semitones, loops, tmp_path):
    """Tones at 0.6, 2.3, 6.1, 11 and 17 kHz: those that come above the middle of the range must go, not fold down."""
    freqs = np.array([600, 2_300, 6_100, 11_000, 17_000])
    tone = 0.1 * np.sin(2 * np.pi * freqs[:, None] / RATE * np.arange(4 * RATE)).sum(axis=0)
    soundfile.write(tmp_path / "chord.wav", tone, RATE, "FLOAT")
    mode = "loop_continuous loop_start=480 loop_end=1439" if loops else "no_loop"
    out = played(
        14_000, freq=C4 * 2 ** (semitones / 12), zones=f"<region> sample={tmp_path}/chord.wav loop_mode={mode}"
    )
    power = np.abs(np.fft.rfft(out[1_000:13_000] * np.kaiser(12_000, 18))) ** 2
    kept = np.zeros(len(power), bool)
    for freq in freqs * 2 ** (semitones / 12):
        if freq < 24_000:
            kept[int(freq / 4) - 14 : int(freq / 4) + 16] = True
    assert 10 * np.log10(power[: 20_000 // 4][~kept[: 20_000 // 4]].sum() / power[kept].sum()) < -65
    assert power[kept].sum() > 0


def test_what_still_fits_is_as_loud_however_high_the_key(tmp_path):
    file = a_tone(tmp_path / "tone.wav", 500, seconds=4)
    for semitones in np.arange(-12, 57, 3.7):
        out = played(2_880, freq=C4 * 2 ** (semitones / 12), file=file)[480:]
        assert np.sqrt(2 * (out**2).mean()) == pytest.approx(0.5, rel=0.01), semitones


def test_zones_are_chosen_by_key_and_velocity(tmp_path):
    for name, freq in (("low", 100), ("soft", 1_000), ("hard", 2_000)):
        a_tone(tmp_path / f"{name}.wav", freq)
    (tmp_path / "three.sfz").write_text(
        "// an instrument\n<group> hikey=b3\n<region> sample=low.wav pitch_keycenter=48\n"
        "<group> lokey=60 pitch_keycenter=c4\n"
        "<region> sample=soft.wav hivel=63\n<region> sample=hard.wav lovel=64 volume=-6.0206\n"
    )
    file = str(tmp_path / "three.sfz")
    assert pitch(played(freq=C4 / 2, velocity=1.0, file=file)) == pytest.approx(100, abs=0.3)
    assert pitch(played(freq=C4, velocity=0.3, file=file)) == pytest.approx(1_000, abs=0.3)
    hard = played(freq=C4, velocity=0.9, file=file)
    assert pitch(hard) == pytest.approx(2_000, abs=0.3)
    assert np.abs(hard).max() == pytest.approx(0.25, rel=0.01)


def test_a_key_without_a_zone_is_silent(tmp_path):
    a_tone(tmp_path / "one.wav", 100)
    zones = f"<region> sample={tmp_path}/one.wav lokey=60 hikey=72"
    assert not played(freq=C4 / 2, zones=zones).any()
    assert played(freq=C4, zones=zones).any()


@pytest.mark.parametrize("rate", [RATE, 44_100, 192_000])
def test_a_loop_is_joined_exactly_and_goes_on_for_ever(rate, tmp_path):
    """A loop of a whole number of periods makes an endless sine: nothing else may be heard."""
    period = rate // 300
    tone = 0.5 * np.sin(2 * np.pi * np.arange(13 * period) / period)
    soundfile.write(tmp_path / "loop.wav", tone, rate, "FLOAT")
    zones = (
        f"<region> sample={tmp_path}/loop.wav loop_mode=loop_continuous loop_start={period} loop_end={11 * period - 1}"
    )
    out = played(24_000, freq=C4 * 1.1, zones=zones)[2_000:]
    exact = np.exp(2j * np.pi * 1.1 * rate / period / RATE * np.arange(len(out)))
    amount = 2 * (out * exact.conj()).mean()
    assert abs(amount) == pytest.approx(0.5, rel=2e-3)
    assert np.abs(out - (amount * exact).real).max() < 1e-3


def a_gate(frames, *edges):
    gate = np.zeros(frames)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        gate[start:stop] = 1
    return gate


def test_the_release_falls_by_60_db_in_its_time(tmp_path):
    file = a_tone(tmp_path / "tone.wav", 1_000)
    out = np.abs(played(12_000, a_gate(12_000, 0, 4_800), freq=C4, release=0.1, file=file))
    before, after = out[4_000:4_800].max(), out[4_800 + 4_300 : 4_800 + 4_800].max()
    assert 20 * np.log10(after / before) == pytest.approx(-60 * 4_300 / 4_800, abs=1)


def test_a_release_sample_plays_when_the_gate_closes_and_to_its_end(tmp_path):
    a_tone(tmp_path / "note.wav", 300)
    a_tone(tmp_path / "thud.wav", 2_000, seconds=0.05)
    zones = f"<region> sample={tmp_path}/note.wav <region> sample={tmp_path}/thud.wav trigger=release"
    out = played(12_000, a_gate(12_000, 0, 4_800), freq=C4, release=0.01, zones=zones)
    assert pitch(out[5_500:7_000]) == pytest.approx(2_000, abs=20)
    assert np.abs(out[4_800 + 2_400 + 10 :]).max() == 0


def test_one_shots_do_not_hear_the_gate_close(tmp_path):
    a_tone(tmp_path / "shot.wav", 300, seconds=0.2)
    zones = f"<region> sample={tmp_path}/shot.wav loop_mode=one_shot"
    out = played(12_000, a_gate(12_000, 0, 100), freq=C4, zones=zones)
    np.testing.assert_array_equal(out, played(12_000, 1.0, freq=C4, zones=zones))


def test_a_note_that_is_played_again_does_not_click(tmp_path):
    """The recording begins with silence, so all that is heard of the first note is its end."""
    tone = 0.9 * np.sin(2 * np.pi * 200 / RATE * np.arange(RATE))
    tone[:2_400] = 0
    tone[2_400:4_800] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(2_400) / 2_400)
    soundfile.write(tmp_path / "slow.wav", tone, RATE, "FLOAT")
    trigger = np.zeros(14_000)
    trigger[9_660] = 1
    assert spark(played(14_000, 1.0, trigger=trigger, freq=C4, file=str(tmp_path / "slow.wav"))) < -60


def test_voices_play_their_own_notes_and_stereo_stays_apart(tmp_path):
    left, right = np.sin(2 * np.pi * np.array([[300], [500]]) / RATE * np.arange(RATE))
    soundfile.write(tmp_path / "stereo.wav", np.stack([left, right], axis=1), RATE, "FLOAT")
    block = block_of(
        Sampler, freq=np.array([[C4, 2 * C4]]), gate=1.0, voices=2, frames=9_600, file=str(tmp_path / "stereo.wav")
    )
    Sampler.process(block)
    found = [pitch(lane) for lane in block.out.T]
    np.testing.assert_allclose(found, [300, 600, 500, 1_000], atol=0.3)


def test_files_and_zones_that_will_not_do_are_named_with_what_is_wrong(tmp_path):
    good = a_tone(tmp_path / "good.wav", 100, seconds=0.01)

    def refused(kind, words, **options):
        with pytest.raises(kind, match=words):
            block_of(Sampler, **options)

    refused(NodeError, "say what to play")
    refused(AudioFileError, "none.wav: file not found", file=str(tmp_path / "none.wav"))
    refused(AudioFileError, "none.sfz cannot be read", file=str(tmp_path / "none.sfz"))
    soundfile.write(tmp_path / "eight.wav", np.zeros((9, 8)), RATE)
    refused(AudioFileError, "eight.wav has 8 channels; the limit is 2", file=str(tmp_path / "eight.wav"))
    soundfile.write(tmp_path / "nan.wav", np.array([0, np.inf]), RATE, "FLOAT")
    refused(AudioFileError, "nan.wav.* not finite", file=str(tmp_path / "nan.wav"))
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    refused(AudioFileError, "empty.wav is empty", file=str(tmp_path / "empty.wav"))
    both = f"<region> sample={good} hikey=60 <region> sample={good} lokey=60"
    refused(NodeError, "regions 1 and 2 overlap", zones=both)
    refused(NodeError, "no <region>", zones="sample=good.wav")
    refused(NodeError, "region 1 has no sample", zones="<region> lokey=1")
    refused(NodeError, "lokey should be a number or a note, not 'h'", zones=f"<region> sample={good} lokey=h")
    refused(NodeError, "above its highest", zones=f"<region> sample={good} lokey=9 hikey=3")
    refused(NodeError, "loop_mode 'round'", zones=f"<region> sample={good} loop_mode=round")
    loop = f"<region> sample={good} loop_mode=loop_continuous loop_start=5 loop_end=9999"
    refused(AudioFileError, "good.wav: loop 5 to 9999", zones=loop)
