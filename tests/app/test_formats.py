"""Audio files out of renders and conversions: formats, sample sizes, levels, through the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from graph.analysis import loudness, true_peak
from graph.media.formats import BITS, FORMATS, TABLE, Rounding, encoding
from graph.media.sound_file import new_render, new_take
from graph.native.functions import PLAIN

pytestmark = [pytest.mark.usefixtures("time_limit")]
compiled_only = pytest.mark.skipif(PLAIN, reason="too slow in plain Python")
Run = Callable[..., subprocess.CompletedProcess[str]]
RATE = 48_000
PATCH = """
nodes:
  a: {node: Sine, freq: 440}
  b: {node: Noise, level: 0.1}
  all: {node: Gain, audio: a + b, gain: 0.5}
out: all
"""


def wave(seconds: float = 1.0) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return np.stack([0.5 * np.sin(2764.6 * at), 0.25 * np.sin(6283.2 * at)], axis=1).astype(np.float32)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_keeps_the_sound(suffix: str, tmp_path: Path) -> None:
    audio = wave()
    table = TABLE[suffix]
    for bits in table.subtypes or (None,):
        path = tmp_path / f"a{bits}{suffix}"
        with new_render(path, RATE, 2, bits) as file:
            for part in np.array_split(audio, 7):
                file.write(part)
        there, rate = soundfile.read(path, dtype="float64", always_2d=True)
        assert (len(there), rate) == (len(audio), RATE)
        step = {"16": 1.6 * 2.0**-15, "24": 0.51 * 2.0**-23, "32": 0.51 * 2.0**-31, "float": 0.0}.get(bits or "", 0.05)
        assert np.abs(there - audio)[1_000:-1_000].max() <= step


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_recording_in_every_format_is_readable_while_it_grows(suffix: str, tmp_path: Path) -> None:
    take = new_take(tmp_path / f"take{suffix}", RATE, 2)
    take._due = 0.0
    take.write(wave(2.0))
    # Until it is closed, libsndfile estimates the length of an MP3 file from its size.
    assert len(soundfile.read(take.path)[0]) > (0.5 if suffix == ".mp3" else 1.7) * RATE
    take.close()


def test_an_odd_number_of_bytes_is_padded(tmp_path: Path) -> None:
    with new_render(tmp_path / "a.wav", RATE, 1, "24") as file:
        file.write(wave()[:101, :1])
    data = (tmp_path / "a.wav").read_bytes()
    assert len(data) % 2 == 0
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert soundfile.info(tmp_path / "a.wav").frames == 101


def test_dither_has_the_noise_floor_of_theory() -> None:
    """Rounding has a power of 1/12 step squared; triangular dither adds twice that, whatever the signal."""
    for level in (0.5, 1e-4, 1e-6):
        audio = (level * np.sin(0.1 * np.arange(200_000)))[:, None].astype(np.float32)
        error = (Rounding("16")(audio) >> 16) / 2.0**15 - audio
        assert 10 * np.log10(np.mean(error**2) * 12 * 4.0**15 / 3) == pytest.approx(0, abs=0.1)
        assert abs(np.corrcoef(error[1:, 0], audio[1:, 0])[0, 1]) < 0.02
    assert not Rounding("16")(np.zeros((100, 2), np.float32)).any()


def test_24_bits_keep_a_24_bit_sound_exactly() -> None:
    integers = np.random.default_rng(1).integers(-(2**23), 2**23, (10_000, 2))
    assert ((Rounding("24")((integers / 2.0**23).astype(np.float32)) >> 8) == integers).all()


def test_full_scale_is_clipped_not_wrapped() -> None:
    for bits in ("16", "24", "32"):
        found = Rounding(bits)(np.array([[2.0], [-2.0]], np.float32))  # type: ignore[arg-type]
        assert found[0, 0] > 2**30
        assert found[1, 0] == -(2**31)


def test_every_size_of_the_command_line_is_known() -> None:
    from graph.cli import convert, run

    assert BITS == run.BITS == convert.BITS
    assert encoding(Path("a.wav")).bits == "float"


@compiled_only
def test_a_render_ends_with_its_levels_and_takes_bits_and_gain(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PATCH)
    done = graphrun("p.yaml", "-t", "2", "-o", "a.wav", "--json")
    report = json.loads(done.stdout)
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert report["lufs"] == pytest.approx(loudness(audio, RATE).integrated, abs=0.02)
    assert report["true_peak_db"] == pytest.approx(20 * np.log10(true_peak(audio)), abs=0.02)
    for words in (["--gain", "-6"], ["--gain", "-6dB"], ["--gain", "-6", "dB"], ["--gain=-6 dB"], ["--gain=-6dB"]):
        quiet = json.loads(graphrun("p.yaml", "-t", "2", "-o", "b.wav", "--bits", "16", *words, "--json").stdout)
        assert quiet["lufs"] == pytest.approx(report["lufs"] - 6, abs=0.02)
        assert soundfile.info(tmp_path / "b.wav").subtype == "PCM_16"
    there, _ = soundfile.read(tmp_path / "b.wav")
    assert np.abs(there - audio * 10 ** (-6 / 20)).max() < 1e-4
    spoken = graphrun("p.yaml", "-t", "2", "-o", "a.wav").stdout
    assert f"true peak {report['true_peak_db']:.1f} dB, {report['lufs']:.1f} LUFS" in spoken


@compiled_only
def test_normalizing_reaches_a_loudness_or_the_ceiling(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PATCH)
    for words, wanted in ((["--normalize"], -14), (["--normalize", "-20"], -20), (["--normalize=-23LUFS"], -23)):
        done = graphrun("p.yaml", "-t", "2", "-o", "a.flac", *words)
        assert done.returncode == 0, done.stderr
        assert loudness(soundfile.read(tmp_path / "a.flac")[0], RATE).integrated == pytest.approx(wanted, abs=0.1)
    done = graphrun("p.yaml", "-t", "2", "-o", "a.wav", "--normalize", "-1", "LUFS")
    assert "would exceed a true peak of -1 dB" in done.stderr
    assert 20 * np.log10(true_peak(soundfile.read(tmp_path / "a.wav")[0])) == pytest.approx(-1, abs=0.05)
    assert "use one" in graphrun("p.yaml", "-o", "a.wav", "--normalize", "--gain", "3").stderr
    assert "expected -70 to 0 LUFS" in graphrun("p.yaml", "-o", "a.wav", "--normalize", "3").stderr
    silent = graphrun("p.yaml", "-t", "1", "-o", "a.wav", "--normalize", "--set", "all.gain=0")
    assert "silence has no loudness" in silent.stderr


@compiled_only
def test_a_render_is_drawn(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PATCH)
    assert graphrun("p.yaml", "-t", "1", "-o", "a.wav", "--plot", "a.png").returncode == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    wrong = graphrun("p.yaml", "-t", "1", "-o", "b.wav", "--plot", "a.bmp")
    assert "use one of .png, .svg" in wrong.stderr
    assert not (tmp_path / "b.wav").exists()


@compiled_only
def test_converting_changes_rate_width_size_part_and_level(graphrun: Run, tmp_path: Path) -> None:
    audio = wave(4.0)
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    assert graphrun("convert", "a.wav", "same.aiff").returncode == 0
    np.testing.assert_array_equal(soundfile.read(tmp_path / "same.aiff", dtype="float32")[0], audio)
    done = graphrun("convert", "a.wav", "b.flac", "--rate", "44.1kHz", "--from", "1", "--to", "3s", "--bits", "16")
    assert done.returncode == 0, done.stderr
    there, rate = soundfile.read(tmp_path / "b.flac")
    assert (len(there), rate) == (2 * 44_100, 44_100)
    at = 1 + np.arange(len(there)) / rate
    assert np.abs(there[:, 0] - 0.5 * np.sin(2764.6 * at))[100:-100].max() < 1e-3
    assert graphrun("convert", "a.wav", "mono.wav", "--channels", "1").returncode == 0
    np.testing.assert_allclose(soundfile.read(tmp_path / "mono.wav")[0], audio.mean(axis=1), atol=1e-7)
    assert graphrun("convert", "mono.wav", "wide.wav", "--channels", "6").returncode == 0
    assert soundfile.info(tmp_path / "wide.wav").channels == 6
    report = json.loads(graphrun("convert", "a.wav", "n.wav", "--normalize", "-18", "LUFS", "--json").stdout)
    assert report["lufs"] == pytest.approx(-18, abs=0.02)
    assert graphrun("convert", "a.wav", "quiet.wav", "--gain", "-6dB").returncode == 0
    np.testing.assert_allclose(soundfile.read(tmp_path / "quiet.wav")[0], audio * 10 ** (-6 / 20), atol=1e-7)


@compiled_only
def test_conversions_that_cannot_be_made_say_why_and_leave_nothing(graphrun: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", wave(), RATE)
    for words, said in (
        (("a.wav", "b.xyz"), "the suffix selects the format"),
        (("none.wav", "b.wav"), "none.wav: no such file"),
        (("a.wav", "a.wav"), "write to another name"),
        (("a.wav", "b.wav", "--channels", "5"), "--channels can be 1 or 2"),
        (("a.wav", "b.wav", "--from", "3"), "it is 1 s long"),
        (("a.wav", "b.mp3", "--bits", "16"), "compressed and has no sample size"),
        (("a.wav", "b.opus", "--rate", "44.1kHz"), "at 44100 Hz"),
        (("a.wav", "b.wav", "--rate", "10"), "1000 to 768000 Hz"),
        (("a.wav", "b.wav", "--from", "abc"), "expected a time such as 1.5 s"),
        (("a.wav", "no/b.wav"), "does not exist"),
    ):
        done = graphrun("convert", *words)
        assert done.returncode != 0
        assert said in done.stderr, (words, done.stderr)
        assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"a.wav"}
