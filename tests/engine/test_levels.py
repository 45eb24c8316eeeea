"""The loop that measures levels, also in plain Python, against NumPy; and its commands in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from graph.analysis import Levels
from graph.cli.main import main
from graph.native.functions import PLAIN


def test_levels_of_a_short_sound() -> None:
    rng = np.random.default_rng(3)
    audio = (rng.standard_normal((1_000, 2)) * 0.1).astype(np.float32)
    audio[100:104, 1] = -1.0
    levels = Levels(8_000, 2)
    for part in np.split(audio, [7, 300, 301]):
        levels.hear(part)
    assert levels.frames == 1_000
    assert levels.peak == 1.0
    assert levels.true_peak >= 1.0
    assert levels.clipped == 4
    assert levels.rms == pytest.approx(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    assert abs(levels.dc) == pytest.approx(np.abs(audio.mean(axis=0, dtype=np.float64)).max(), abs=1e-9)
    assert len(levels.windows) == 2
    assert -30 < levels.loudness().integrated < 0


@pytest.mark.skipif(PLAIN, reason="too slow in plain Python")
def test_analyze_and_convert_in_this_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = np.arange(96_000) / 48_000
    wave = np.stack([0.5 * np.sin(2_765 * at), 0.5 * np.sin(2_765 * at)], axis=1) * (at[:, None] % 0.5 < 0.3) + 0.01
    source, target = str(tmp_path / "a.wav"), str(tmp_path / "b.flac")
    soundfile.write(source, wave, 48_000, subtype="FLOAT")
    assert main(["analyze", source]) == 0
    said = capsys.readouterr().out
    for word in ("peak", "loudness", "DC", "stereo", "noise", "onsets"):
        assert f"\n  {word}" in said
    assert main(["convert", source, target, "--rate", "24kHz", "--channels", "1", "--normalize", "--to", "1.5s"]) == 0
    assert "b.flac: 1.5 s, 1 channel at 24000 Hz" in capsys.readouterr().out
    assert main(["analyze", source, target, "--json"]) == 0
    with pytest.raises(SystemExit):
        main(["convert", source, target, "--gain", "3", "--normalize"])
    assert main(["convert", source, target, "--from", "9"]) == 1
    assert "it is 2 s long" in capsys.readouterr().err
