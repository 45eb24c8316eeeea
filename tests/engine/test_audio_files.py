"""Audio files of every kind, in every node that reads one: they sound, or the error says which and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from graph import AudioFileError, Node, PatchError, load
from graph.media import sound_reader
from graph.testing import block_of
from nodes import Convolution, Granular, Player, Sampler, Wavetable

RATE = 48_000
READERS = [Convolution, Granular, Player, Sampler, Wavetable]
FRAMES = 4_096
TONE = 0.5 * np.sin(2 * np.pi * 8 * np.arange(FRAMES) / FRAMES)


def sound(cls: type[Node], path: Path) -> Any:
    """A tenth of a second of what the node makes of a file."""
    heard: dict[str, Any] = {"gate": 1.0} if cls is Sampler else {}
    if cls is Convolution:
        heard = {"audio": np.eye(1, 4_800, 5).T * np.ones((1, 2))}
    block = block_of(cls, frames=4_800, file=str(path), **heard)
    cls.process(block)
    return block.out


def refused(cls: type[Node], path: Path, why: str) -> None:
    with pytest.raises(AudioFileError, match=why) as caught:
        block_of(cls, file=str(path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("cls", READERS)
@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"), ("FLAC", "PCM_24")],
)
def test_a_file_sounds_the_same_whatever_its_samples_are(cls: type[Node], kind: str, subtype: str, tmp_path: Path):
    soundfile.write(tmp_path / "plain.wav", TONE, RATE, "FLOAT")
    soundfile.write(tmp_path / f"other.{kind.lower()}", TONE, RATE, subtype)
    plain = sound(cls, tmp_path / "plain.wav")
    assert np.abs(plain).max() > 0.01
    np.testing.assert_allclose(sound(cls, tmp_path / f"other.{kind.lower()}"), plain, atol=2e-4)


@pytest.mark.parametrize("cls", READERS)
@pytest.mark.parametrize("channels", [1, 2])
def test_mono_and_stereo_files_sound(cls: type[Node], channels: int, tmp_path: Path):
    soundfile.write(tmp_path / "sound.wav", np.repeat(TONE[:, None], channels, axis=1), RATE)
    out = sound(cls, tmp_path / "sound.wav")
    assert np.isfinite(out).all()
    assert 0.01 < np.abs(out).max() < 2


@pytest.mark.parametrize("cls", READERS)
def test_eight_channels_sound_or_are_an_error_that_counts_them(cls: type[Node], tmp_path: Path):
    soundfile.write(tmp_path / "eight.wav", np.repeat(TONE[:, None], 8, axis=1), RATE)
    if cls in (Convolution, Player, Sampler):
        refused(cls, tmp_path / "eight.wav", "has 8 channels; the limit is 2")
    else:
        assert 0.01 < np.abs(sound(cls, tmp_path / "eight.wav")).max() < 2


@pytest.mark.parametrize("cls", READERS)
def test_what_is_no_sound_is_an_error_that_names_it(cls: type[Node], tmp_path: Path):
    refused(cls, tmp_path / "none.wav", "no such file")
    (tmp_path / "folder.wav").mkdir()
    refused(cls, tmp_path / "folder.wav", "is a directory")
    (tmp_path / "nothing.wav").write_bytes(b"")
    refused(cls, tmp_path / "nothing.wav", "cannot be read as audio")
    (tmp_path / "text.wav").write_text("not a sound")
    refused(cls, tmp_path / "text.wav", "cannot be read as audio")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    refused(cls, tmp_path / "empty.wav", "is empty|cycles of 2048 samples")


@pytest.mark.parametrize("cls", READERS)
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_an_error_that_says_where(cls: type[Node], number: float, tmp_path: Path):
    broken = TONE.copy()
    broken[123] = number
    soundfile.write(tmp_path / "broken.wav", broken, RATE, "FLOAT")
    refused(cls, tmp_path / "broken.wav", "non-finite samples, the first in frame 123")


@pytest.mark.parametrize("cls", READERS)
def test_a_huge_file_is_an_error_that_names_the_limit(cls: type[Node], tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(sound_reader, "LIMIT", 3_000)
    soundfile.write(tmp_path / "huge.wav", TONE, RATE)
    refused(cls, tmp_path / "huge.wav", "has 4,096 samples; the limit is 3,000")


TEXTS = """\
nodes:
  a: {node: Sampler, freq: 220, gate: 1, file: nowhere.wav}
  b: {node: Sampler, freq: 220, gate: 1, zones: foo}
  c: {node: MidiFile, file: gone.mid}
  d: {node: Granular, file: text.wav}
  e: {node: Envelope, stages: "10 ms 1, foo"}
  f: {node: Convolution, file: nowhere.wav}
  g: {node: Wavetable, file: text.wav}
out: [a, b, d, e, f, g]
"""


def test_a_patch_that_names_files_and_texts_that_cannot_be_read_is_told_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    (tmp_path / "x.yaml").write_text(TEXTS)
    with pytest.raises(PatchError) as caught:
        load(tmp_path / "x.yaml")
    found = [(problem.line, problem.column, problem.message) for problem in caught.value.problems]
    assert [place[:2] for place in found] == [(2, 48), (3, 49), (4, 29), (5, 29), (6, 31), (7, 32), (8, 30)]
    words = [
        "no such file",
        "no <region>",
        "gone.mid",
        "cannot be read",
        "'foo' is not a stage",
        "no such file",
        "cannot be",
    ]
    assert all(word in message for word, (_, _, message) in zip(words, found, strict=True))
