"""A render as an object: an array that knows its rate, measures, cuts, writes, plays, pickles and shows itself."""

from __future__ import annotations

import base64
import io
import pickle
import re
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from graph import Graph, GraphError, NodeError, Sound, load
from graph.native.functions import PLAIN
from nodes import Pan, Sine

pytestmark = [pytest.mark.usefixtures("time_limit"), pytest.mark.skipif(PLAIN, reason="too slow in plain Python")]


@pytest.fixture(scope="module")
def sound() -> Sound:
    return Graph(Pan(Sine(freq=441, name="tone"), position=0.3)).render("1 s", rate="44.1 kHz")


def test_a_render_is_an_array_of_frames_and_channels(sound: Sound) -> None:
    assert isinstance(sound, np.ndarray)
    assert (sound.shape, sound.dtype, sound.rate) == ((44_100, 2), np.float32, 44_100)
    assert (sound.frames, sound.channels, sound.seconds) == (44_100, 2, 1.0)
    assert (
        repr(sound) == str(sound) == f"<Sound: 1 s, stereo, 44100 Hz, peak {20 * np.log10(np.abs(sound).max()):.1f} dB>"
    )
    assert repr(sound[:0]) == "<Sound: 0 s, stereo, 44100 Hz, silent>"


def test_what_is_no_longer_frames_and_channels_is_a_plain_array(sound: Sound) -> None:
    for kept in (sound[100:200], sound[100:200, :], sound * 2, sound + sound, -sound, np.abs(sound), sound.copy()):
        assert type(kept) is Sound
        assert kept.rate == 44_100
    plain = np.asarray(sound)
    for index in (np.s_[:, 0], np.s_[::2], np.s_[5], np.s_[[1, 2, 3]], np.s_[sound[:, 0] > 0], np.s_[:100, :1]):
        assert type(sound[index]) is not Sound
        np.testing.assert_array_equal(sound[index], plain[index])
    for changed in (sound > 0, sound.T, sound.mean(axis=1), sound.sum(axis=0), sound.ravel(), sound.reshape(2, -1)):
        assert type(changed) is np.ndarray
    assert isinstance(sound[3, 1], np.float32)
    assert float(sound.max()) == plain.max()


def test_a_sound_pickles(sound: Sound) -> None:
    again = pickle.loads(pickle.dumps(sound[:1_000]))
    assert (type(again), again.rate) == (Sound, 44_100)
    np.testing.assert_array_equal(again, sound[:1_000])


def test_a_part_is_cut_by_time_frames_or_bars(sound: Sound) -> None:
    np.testing.assert_array_equal(sound.cut("250 ms", 0.5), sound[11_025:22_050])
    np.testing.assert_array_equal(sound.cut("480 frames"), sound[480:])
    song = load("house").render("4.5 s")
    bar = 4 * 60 / 122
    assert song.cut("bar 2", "bar 3").seconds == pytest.approx(bar, abs=1e-4)
    np.testing.assert_array_equal(song.cut("bar 2"), song[round(bar * 48_000) :])
    with pytest.raises(GraphError, match="places in bars count the bars of a Transport or a MIDI file"):
        sound.cut("bar 2")
    with pytest.raises(GraphError, match="needs a clock"):
        Sound(np.zeros(100), 48_000).cut("bar 1")
    with pytest.raises(GraphError, match="there is no sound from 2 to the end"):
        sound.cut(2)
    with pytest.raises(NodeError, match="start takes a time"):
        sound.cut("2 Hz")


def test_a_sound_is_written_and_loaded(sound: Sound, tmp_path: Path) -> None:
    np.testing.assert_array_equal(Sound.load(sound.write(tmp_path / "a.wav")), sound)
    assert soundfile.info(sound.write(tmp_path / "a.flac", bits="16")).subtype == "PCM_16"
    assert Sound.load(tmp_path / "a.flac").rate == 44_100


def test_a_sound_measures_and_draws_itself(sound: Sound, tmp_path: Path) -> None:
    assert sound.loudness().integrated == pytest.approx(-3.7, abs=0.1)
    assert sound.analyze().pitch == pytest.approx(441, abs=0.5)
    assert sound.plot(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_notebook_gets_a_player_and_the_waveform(sound: Sound) -> None:
    html = sound._repr_html_()
    found = re.search(r'src="data:audio/flac;base64,([^"]+)"', html)
    assert found
    audio, rate = soundfile.read(io.BytesIO(base64.b64decode(found[1])))
    assert rate == 44_100
    np.testing.assert_allclose(audio, sound, atol=4e-5)
    assert "<svg" in html


def test_a_sound_plays(sound: Sound) -> None:
    with sound[:9_600].play(device="null") as live:
        deadline = time.monotonic() + 20
        while not live.finished:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert live.rate == 44_100
        assert max(meter.peak for meter in live.meters) == pytest.approx(float(np.abs(sound[:9_600]).max()), rel=1e-3)


def test_a_sound_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the shape \(frames, channels\), not \(2, 2, 2\)"):
        Sound(np.zeros((2, 2, 2)), 48_000)
    assert Sound(np.zeros(10), 48_000).shape == (10, 1)
