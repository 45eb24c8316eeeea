"""Analysis against sounds with known truth, reference implementations and theory, and its command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import heard
import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy import signal

from graph.analysis import Levels, analyze, key, loudness, mfcc, onsets, pitch, silences, spectrum, tempo, true_peak
from graph.cli.main import main
from graph.native.functions import PLAIN

pytestmark = [pytest.mark.usefixtures("time_limit"), pytest.mark.skipif(PLAIN, reason="too slow in plain Python")]
Run = Callable[..., subprocess.CompletedProcess[str]]
RATE = 48_000
RNG = np.random.default_rng(1)


def tone(hertz: float, seconds: float, level: float = 0.5, rate: int = RATE) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz / rate * np.arange(round(seconds * rate)))).astype(np.float32)


def music(seconds: float = 12.0) -> np.ndarray:
    """Noise whose level changes, in stereo."""
    swell = np.interp(np.arange(round(seconds * RATE)) / RATE, [0, 4, 5, 8, 12], [0.3, 0.02, 0.2, 0.001, 0.1])
    return (RNG.standard_normal((len(swell), 2)) * swell[:, None] * 0.5).astype(np.float32)


def test_loudness_is_that_of_pyloudnorm() -> None:
    for rate in (44_100, 48_000):
        audio = music()
        assert loudness(audio, rate).integrated == pytest.approx(
            pyloudnorm.Meter(rate).integrated_loudness(audio.astype(np.float64)), abs=0.1
        )


def test_loudness_of_a_tone_is_what_the_recommendation_says() -> None:
    stereo = np.stack([tone(997, 20, 10 ** (-23 / 20))] * 2, axis=1)
    found = loudness(stereo, RATE)
    assert (found.integrated, found.momentary, found.short_term) == pytest.approx((-23.0,) * 3, abs=0.05)
    assert found.range == pytest.approx(0, abs=0.01)


def test_loudness_range_is_that_of_the_test_signals_of_ebu_tech_3342() -> None:
    for levels, range_ in (((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)):
        audio = np.concatenate([tone(1_000, 20, 10 ** (level / 20)) for level in levels])
        assert loudness(np.stack([audio, audio], axis=1), RATE).range == pytest.approx(range_, abs=1)


def test_true_peak_is_that_of_oversampling() -> None:
    for hertz, phase in ((12_000, np.pi / 4), (11_000, 1.0), (3_001, 0.2)):
        wave = np.sin(2 * np.pi * hertz / RATE * np.arange(4_800) + phase) * np.hanning(4_800)
        truth = np.abs(signal.resample_poly(wave, 16, 1, window=("kaiser", 10.0))).max()
        assert 20 * np.log10(true_peak(wave) / truth) == pytest.approx(0, abs=0.1)
    noise = music()
    truth = np.abs(signal.resample_poly(noise.astype(np.float64), 4, 1, axis=0)).max()
    assert 20 * np.log10(true_peak(noise) / truth) == pytest.approx(0, abs=0.1)


def test_levels_do_not_depend_on_the_pieces() -> None:
    audio = music(3.0)
    audio[1_000:1_010, 0] = 1.0
    whole, parts = Levels(RATE, 2), Levels(RATE, 2)
    whole.hear(audio)
    for part in np.split(audio, np.sort(RNG.integers(0, len(audio), 40))):
        parts.hear(part)
    for name in ("peak", "true_peak", "rms", "dc", "clipped", "correlation", "noise_floor"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9), name
    assert whole.clipped == 10
    assert parts.loudness() == pytest.approx(whole.loudness(), abs=1e-6)
    assert whole.rms == pytest.approx(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    assert whole.correlation == pytest.approx(np.mean(audio[:, 0] * audio[:, 1]) / whole.rms**2, abs=0.02)


def test_silent_passages_are_found() -> None:
    audio = np.concatenate([tone(440, 1), np.zeros(RATE // 2), tone(440, 1), np.zeros(RATE // 10), tone(440, 1)])
    assert silences(audio, RATE) == [(pytest.approx(1.0, abs=0.051), pytest.approx(1.5, abs=0.051))]


def test_onsets_of_drum_patterns() -> None:
    found = []
    for name, bpm, lanes in list(heard.straight_patterns())[:20]:
        audio = heard.drums(name, bpm)
        found.append(heard.f_measure(onsets(audio, RATE).tolist(), heard.hits(bpm, lanes, 8.0)))
    assert len(found) == 20
    assert np.mean(found) >= 0.95
    assert min(found) >= 0.85


def test_tempo_of_drum_patterns() -> None:
    wrong = []
    for name, bpm, _ in list(heard.straight_patterns())[:20]:
        found = tempo(heard.drums(name, bpm), RATE)
        ratio = found.bpm / bpm
        if min(abs(ratio / each - 1) for each in (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3)) > 0.01:
            wrong.append((name, bpm, found.bpm))
        assert np.diff(found.beats) == pytest.approx(60 / found.bpm, abs=0.1)
    assert not wrong


@pytest.mark.parametrize("instrument", heard.INSTRUMENTS)
def test_pitch_of_single_notes(instrument: str) -> None:
    for number in (41, 60, 81):
        found = pitch(heard.note(instrument, number), RATE)
        assert found.key == pytest.approx(number, abs=0.05)
        octaves = np.abs(69 + 12 * np.log2(found.hertz / 440) - number) > 6
        assert octaves[np.isfinite(found.hertz)].mean() < 0.05  # the attack of a bow


def test_noise_and_silence_have_no_pitch() -> None:
    assert np.isnan(pitch(np.zeros(RATE), RATE).hertz).all()
    assert np.isfinite(pitch(RNG.standard_normal(RATE) * 0.1, RATE).hertz).mean() < 0.05


@pytest.mark.parametrize("mode", heard.STEPS)
def test_key_of_scales(mode: str) -> None:
    found = [key(heard.scale(57 + step, mode), RATE).name for step in range(0, 12, 3)]
    assert found == [f"{tonic} {mode}" for tonic in ("A", "C", "Eb", "F#")]


def test_spectrum_shows_a_tone_at_its_level() -> None:
    found = spectrum(tone(1_000, 2, 0.5), RATE, 4_800)
    place = int(np.argmax(found.levels))
    assert found.frequencies[place] == pytest.approx(1_000, abs=10)
    assert found.levels[place] == pytest.approx(20 * np.log10(0.5), abs=0.1)


def test_mfcc_tells_timbre_from_level() -> None:
    soft, loud, noise = (mfcc(each, RATE)[20:-20].mean(axis=0) for each in (
        tone(440, 1, 0.1), tone(440, 1, 0.2), RNG.standard_normal(RATE) * 0.1,
    ))  # fmt: skip
    assert soft.shape == (13,)
    assert np.abs(soft - loud)[1:].max() < 0.2 * np.abs(soft - noise)[1:].max()
    assert loud[0] > soft[0]


def test_a_file_gives_what_its_array_gives(tmp_path: Path) -> None:
    audio = np.stack([heard.note("Piano", 60, 3.0)[:, 0]] * 2, axis=1)
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    file, array = analyze(tmp_path / "a.wav"), analyze(audio, RATE)
    assert file._replace(file="", format="") == array
    assert file.format == "WAV FLOAT"
    assert file.pitch == pytest.approx(261.63, abs=1)
    with pytest.raises(ValueError, match="needs its sample rate"):
        analyze(np.zeros(100))


def test_the_command_measures_files_and_names_what_it_cannot_read(graphrun: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", music(), RATE)
    soundfile.write(tmp_path / "silent.wav", np.zeros((4_800, 1)), RATE)
    (tmp_path / "text.wav").write_text("no sound")
    bad = np.zeros((100, 1), np.float32)
    bad[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", bad, RATE, subtype="FLOAT")
    done = graphrun("analyze", "a.flac", "silent.wav", "text.wav", "nan.wav", "none.wav")
    assert done.returncode == 1
    assert "LUFS" in done.stdout
    assert "silent.wav: 0.10 s, mono, 48000 Hz, WAV PCM 16\n  level      silence\n" in done.stdout
    assert "text.wav cannot be read as audio" in done.stderr
    assert "nan.wav contains non-finite samples, the first in frame 7" in done.stderr
    assert "none.wav: no such file" in done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads(graphrun("analyze", "a.flac", "--json").stdout)
    words = "format channels rate seconds peak_db true_peak_db lufs lra tempo beats key onsets clipped dc correlation"
    assert set(words.split()) <= report[0].keys()
    assert report[0]["seconds"] == 12
    assert report[0]["lufs"] == pytest.approx(
        loudness(soundfile.read(tmp_path / "a.flac")[0], RATE).integrated, abs=0.02
    )


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_command_draws_a_file(suffix: str, graphrun: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", music(2.0), RATE)
    done = graphrun("analyze", "a.wav", "--plot", f"a.{suffix}")
    assert done.returncode == 0, done.stderr
    data = (tmp_path / f"a.{suffix}").read_bytes()
    if suffix == "png":
        assert int.from_bytes(data[16:20], "big") == 1_200
    else:
        assert b"</svg>" in data
    assert "use one of .png, .svg" in graphrun("analyze", "a.wav", "--plot", "a.bmp").stderr


def test_without_matplotlib_a_picture_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    soundfile.write(tmp_path / "a.wav", music(1.0), RATE)
    assert main(["analyze", str(tmp_path / "a.wav"), "--plot", str(tmp_path / "a.png")]) == 1
    said = capsys.readouterr()
    assert said.err == "pictures of sound need matplotlib: pip install 'graphrun[plot]'\n"
    assert not said.out
