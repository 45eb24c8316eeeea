"""Sampler: pitch, zones, loops, releases, and unusable files."""

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
def test_aliases_of_keys_above_the_root_are_65_db_below_the_sound(semitones, loops, tmp_path):
    """Tones at 0.6, 2.3, 6.1, 11 and 17 kHz: those shifted above Nyquist must vanish, not alias."""
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
def test_a_loop_is_joined_exactly_and_has_no_end(rate, tmp_path):
    """A loop of a whole number of periods is an endless sine: nothing else may be audible."""
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


def test_one_shots_ignore_the_end_of_the_gate(tmp_path):
    a_tone(tmp_path / "shot.wav", 300, seconds=0.2)
    zones = f"<region> sample={tmp_path}/shot.wav loop_mode=one_shot"
    out = played(12_000, a_gate(12_000, 0, 100), freq=C4, zones=zones)
    np.testing.assert_array_equal(out, played(12_000, 1.0, freq=C4, zones=zones))


def test_a_note_that_is_played_again_does_not_click(tmp_path):
    """The recording starts with silence, so only the end of the first note is audible."""
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


def test_unusable_files_and_zones_are_named_with_the_reason(tmp_path):
    good = a_tone(tmp_path / "good.wav", 100, seconds=0.01)

    def refused(kind, words, **options):
        with pytest.raises(kind, match=words):
            block_of(Sampler, **options)

    refused(NodeError, "say what to play")
    refused(AudioFileError, "none.wav: no such file", file=str(tmp_path / "none.wav"))
    refused(AudioFileError, "none.sfz cannot be read", file=str(tmp_path / "none.sfz"))
    soundfile.write(tmp_path / "eight.wav", np.zeros((9, 8)), RATE)
    refused(AudioFileError, "eight.wav has 8 channels; the limit is 2", file=str(tmp_path / "eight.wav"))
    soundfile.write(tmp_path / "nan.wav", np.array([0, np.inf]), RATE, "FLOAT")
    refused(AudioFileError, "nan.wav contains non-finite samples", file=str(tmp_path / "nan.wav"))
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    refused(AudioFileError, "empty.wav is empty", file=str(tmp_path / "empty.wav"))
    refused(NodeError, "a note plays 17 regions at once; at most 16", zones=f"<region> sample={good} " * 17)
    refused(NodeError, "region 1: seq_position 3 is not within", zones=f"<region> sample={good} seq_position=3")
    refused(
        NodeError,
        "region 1: lorand 0.5 and hirand 0.5 should rise",
        zones=f"<region> sample={good} lorand=.5 hirand=.5",
    )
    refused(NodeError, "no <region>", zones="sample=good.wav")
    refused(NodeError, "region 1 has no sample", zones="<region> lokey=1")
    refused(NodeError, "lokey should be a number or a note, not 'h'", zones=f"<region> sample={good} lokey=h")
    refused(NodeError, "above its highest", zones=f"<region> sample={good} lokey=9 hikey=3")
    refused(NodeError, "loop_mode 'round'", zones=f"<region> sample={good} loop_mode=round")
    loop = f"<region> sample={good} loop_mode=loop_continuous loop_start=5 loop_end=9999"
    refused(AudioFileError, "good.wav: loop 5 to 9999", zones=loop)


def level(out, freq):
    """Amplitude of a partial."""
    window = np.hanning(len(out))
    return 2 * abs(np.exp(-2j * np.pi * freq / RATE * np.arange(len(out))) @ (out * window)) / window.sum()


@pytest.fixture
def tones(tmp_path):
    """Two regions on one key, 300 and 700 Hz at half of full scale; `{a}` and `{b}` take their opcodes."""
    low, high = a_tone(tmp_path / "low.wav", 300), a_tone(tmp_path / "high.wav", 700)
    return f"<region> sample={low} pitch_keycenter=60 {{a}} <region> sample={high} pitch_keycenter=60 {{b}}"


def notes(zones, count, apart=2_400, **more):
    """Notes in sequence, each half as long as their spacing."""
    gate = np.tile(np.arange(apart) < apart // 2, count).astype(np.float32)
    out = played(len(gate), gate, freq=C4, zones=zones, release=0.005, **more)
    return out.reshape(count, apart)[:, : apart // 2]


def test_regions_that_match_at_once_sound_together(tones):
    out = played(4_800, freq=C4, zones=tones.format(a="", b="volume=-6"))
    assert level(out, 300) == pytest.approx(0.5, rel=0.01)
    assert level(out, 700) == pytest.approx(0.5 * 10**-0.3, rel=0.01)


def test_a_round_robin_takes_turns_by_position(tones):
    zones = tones.format(a="seq_length=2 seq_position=1", b="seq_length=2 seq_position=2")
    heard = [level(sound, 300) > level(sound, 700) for sound in notes(zones, 6)]
    assert heard == [True, False] * 3


def test_a_round_robin_counts_the_notes_of_all_voices(tones):
    zones = tones.format(a="seq_length=2 seq_position=1", b="seq_length=2 seq_position=2")
    gate = np.stack([np.ones(4_800), np.arange(4_800) > 480], axis=1)
    block = block_of(Sampler, gate=gate, voices=2, width=1, zones=zones, freq=C4)
    Sampler.process(block)
    assert pitch(block.out[1_000:, 0]) == pytest.approx(300, abs=1)
    assert pitch(block.out[1_000:, 1]) == pytest.approx(700, abs=1)


def test_chance_plays_one_region_of_those_that_share_it(tones):
    zones = tones.format(a="hirand=0.25", b="lorand=0.25")
    heard = np.array([(level(sound, 300) > 0.2, level(sound, 700) > 0.2) for sound in notes(zones, 100)])
    assert (heard.sum(axis=1) == 1).all()
    assert 12 < heard[:, 0].sum() < 40


def test_velocities_fade_between_two_regions_with_equal_power(tones):
    zones = tones.format(a="xfout_lovel=40 xfout_hivel=80", b="xfin_lovel=40 xfin_hivel=80")
    for velocity, part in ((20, 0.0), (40, 0.0), (50, 0.25), (60, 0.5), (80, 1.0), (127, 1.0)):
        out = played(4_800, freq=C4, zones=zones, velocity=velocity / 127)
        assert level(out, 300) == pytest.approx(0.5 * (1 - part) ** 0.5, abs=0.003)
        assert level(out, 700) == pytest.approx(0.5 * part**0.5, abs=0.003)


def test_layers_fall_together_when_the_gate_closes(tones):
    gate = (np.arange(9_600) < 2_400).astype(np.float32)
    out = played(9_600, gate, freq=C4, zones=tones.format(a="", b="ampeg_release=1"), release=0.05)
    assert level(out[6_000:], 300) < 1e-4
    assert level(out[7_000:8_000], 700) == pytest.approx(0.5 * 10 ** (-3 * 5_100 / RATE), rel=0.05)


def test_offset_starts_later_in_the_recording(tmp_path):
    audio = np.where(np.arange(9_600) < 4_800, 0.25, 0.5)
    soundfile.write(tmp_path / "steps.wav", audio, RATE, "FLOAT")
    out = played(9_600, freq=C4, zones=f"<region> sample={tmp_path}/steps.wav pitch_keycenter=60 offset=2400")
    assert out[2_300] == pytest.approx(0.25, abs=0.01)
    assert out[2_500] == pytest.approx(0.5, abs=0.02)
    assert abs(out[7_300]) < 0.01


@pytest.mark.parametrize(("pan", "sides"), [(-100, (2**0.5, 0)), (0, (1, 1)), (100, (0, 2**0.5))])
def test_pan_has_equal_power_and_the_middle_is_as_recorded(pan, sides, tmp_path):
    zones = f"<region> sample={a_tone(tmp_path / 'tone.wav', 300)} pitch_keycenter=60 pan={pan}"
    block = block_of(Sampler, frames=4_800, gate=1.0, freq=C4, zones=zones)
    Sampler.process(block)
    assert [level(side, 300) for side in block.out.T] == pytest.approx([0.5 * side for side in sides], abs=0.005)


@pytest.mark.parametrize(("track", "decibels"), [(0, 0.0), (50, -6.02), (100, -12.04)])
def test_velocity_tracking_is_40_db_per_decade_at_100_percent(track, decibels, tmp_path):
    zones = f"<region> sample={a_tone(tmp_path / 'tone.wav', 300)} pitch_keycenter=60 amp_veltrack={track}"
    out = played(4_800, freq=C4, zones=zones, velocity=0.5)
    assert 20 * np.log10(level(out, 300) / 0.5) == pytest.approx(decibels, abs=0.05)


def test_a_group_turns_off_another_on_any_voice_and_spares_its_own_layers(tones):
    """A closed hi-hat, on the second voice, ends the open one."""
    zones = tones.format(a="hikey=60 off_by=1", b="lokey=61 group=1")
    gate = np.stack([np.ones(9_600), np.arange(9_600) > 4_800], axis=1)
    freq = np.tile([C4, C4 * 2 ** (1 / 12)], (9_600, 1))
    block = block_of(Sampler, gate=gate, voices=2, width=1, zones=zones, freq=freq)
    Sampler.process(block)
    assert np.abs(block.out[4_000:4_800, 0]).max() > 0.45
    assert np.abs(block.out[6_500:, 0]).max() < 0.001
    assert np.abs(block.out[6_500:, 1]).max() > 0.45
    together = played(4_800, freq=C4, zones=tones.format(a="group=1 off_by=1", b="group=1 off_by=1"))
    assert min(level(together[2_400:], 300), level(together[2_400:], 700)) > 0.45


def test_a_loop_that_does_not_fit_is_crossfaded(tmp_path):
    file = a_tone(tmp_path / "tone.wav", 261.63)
    zones = f"<region> sample={file} pitch_keycenter=60 loop_mode=loop_continuous loop_start=3000 loop_end=20100"
    hard, soft = (played(48_000, freq=C4, zones=f"{zones} {more}") for more in ("", "loop_crossfade=0.05"))
    slope = np.abs(np.diff(hard[1_000:19_000])).max()
    assert np.abs(np.diff(hard[1_000:])).max() > 3 * slope
    assert np.abs(np.diff(soft[1_000:])).max() < 1.5 * slope


def test_opcodes_of_velocity_without_a_velocity_are_named(tmp_path):
    zones = f"<region> sample={a_tone(tmp_path / 'tone.wav', 300)} amp_veltrack=100 lovel=10 seq_length=1"
    assert Sampler(zones=zones, velocity=0.5).doubts() == []
    (said,) = Sampler(zones=zones).doubts()
    assert said.endswith("without `velocity` every note is as hard as can be for amp_veltrack, lovel")
