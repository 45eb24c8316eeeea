"""Texts and files that were written to break a reader: refused in one sentence, and without showing their content."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from graph import GraphrunError, PatchError, loads
from nodes.dsp.samples.zones import layers, read_sfz

pytestmark = pytest.mark.usefixtures("time_limit")
FOLDER = Path()


def test_blanks_and_comments_in_sfz_take_linear_time() -> None:
    (zone,) = read_sfz("<region> sample=a b.wav x=" + " \t" * 200_000 + "y", "x.sfz", FOLDER)
    assert zone.sample == "a b.wav"
    with pytest.raises(GraphrunError, match="no <region>"):
        read_sfz("/*" * 200_000, "x.sfz", FOLDER)
    (zone,) = read_sfz("/* a */<region>// b\nsample=c.wav /* key=3 */ key=c4", "x.sfz", FOLDER)
    assert (zone.sample, zone.keys) == ("c.wav", (60, 60))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e308", "99999", "-99999", "x" * 1_000])
@pytest.mark.parametrize(
    "word", ["tune", "volume", "transpose", "pitch_keycenter", "lokey", "hivel", "seq_length", "pan"]
)
def test_absurd_numbers_in_sfz_are_refused(word: str, value: str) -> None:
    with pytest.raises(GraphrunError, match=rf"region 1: {word}.*(outside|should be a number)") as caught:
        read_sfz(f"<region> sample=a.wav {word}={value}", "x.sfz", FOLDER)
    assert len(str(caught.value)) < 200


def test_many_regions_are_counted_quickly_or_refused() -> None:
    regions = "".join(
        f"<region> sample=a.wav key={i % 128} seq_length=7 seq_position={i % 7 + 1} lorand={i % 50 / 50} hirand=1\n"
        for i in range(4_000)
    )
    assert 1 < layers(read_sfz(regions, "x.sfz", FOLDER)) <= 16
    assert layers(read_sfz("<region> sample=a.wav <region> sample=b.wav hikey=59", "x.sfz", FOLDER)) == 2
    with pytest.raises(GraphrunError, match="more than 4096 regions"):
        read_sfz("<region> sample=a.wav key=60" * 5_000, "x.sfz", FOLDER)


def test_a_file_that_is_no_patch_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("secret.yaml").write_text("password: hunter2\n")
    Path("passwd").write_text("root:x:0:0\n")
    for name in ("secret.yaml", "passwd"):
        with pytest.raises(PatchError, match=r"is not a patch: it has no `nodes:`") as caught:
            loads(f"nodes:\n  a: {{patch: {tmp_path / name}}}\nout: a\n")
        assert "hunter2" not in str(caught.value)
        assert "root" not in str(caught.value).replace(str(tmp_path), "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes and devices among files")
def test_pipes_devices_and_holes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.sfz")
    with (tmp_path / "hole.sfz").open("wb") as file:
        file.truncate(10_000_000_000)
    (tmp_path / "zero.sfz").symlink_to("/dev/zero")
    (tmp_path / "folder.sfz").mkdir()
    (tmp_path / "bytes.sfz").write_bytes(bytes(range(256)))
    reasons = {"pipe": "not a regular file", "hole": "10000 MB; the limit", "zero": "not a regular file"}
    for name, why in {**reasons, "folder": "a folder", "bytes": "not UTF-8"}.items():
        with pytest.raises(GraphrunError, match=why):
            loads(f"nodes:\n  a: {{node: Sampler, file: {tmp_path / name}.sfz}}\nout: a\n").check()


def test_a_soundfont_names_what_can_be_played(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(10), 48_000)
    (tmp_path / "a.wav").rename(tmp_path / "a.sf2")
    with pytest.raises(GraphrunError, match="SoundFonts are not read; give an SFZ instrument or a recording"):
        loads(f"nodes:\n  a: {{node: Sampler, file: {tmp_path}/a.sf2}}\nout: a\n").check()
