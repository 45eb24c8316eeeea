"""A program change from a file or a port selects a preset, by the same rule in a render and live."""

from __future__ import annotations

import time
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from graph.perform.performance import Performance
from graph.play.live import Live

RATE, BLOCK = 48_000, 64
PATCH = """\
nodes:
  keys: {node: MidiIn%s}
  voices: {node: VoiceAllocator, events: keys, polyphony: 1}
  octave: {node: Constant, value: 1}
  tone: {node: Sine, freq: voices.freq * octave}
  sum: {node: Mix, audio: tone * voices.gate * 0.5}
out: sum
presets:
  low: {octave.value: 1}
  high: {octave.value: 4}
"""


@pytest.fixture
def patch(tmp_path):
    def write(options="", text=PATCH):
        path = tmp_path / "p.yaml"
        path.write_text(text % options if "%s" in text else text)
        return path

    return write


@pytest.fixture
def song(tmp_path):
    """Writes (seconds, message) as one track, at 1000 ticks per second."""

    def write(*messages, name="m.mid"):
        file, now = mido.MidiFile(ticks_per_beat=500), 0
        track = mido.MidiTrack()
        for seconds, message in messages:
            track.append(message.copy(time=round(seconds * 1000) - now))
            now = round(seconds * 1000)
        file.tracks.append(track)
        file.save(tmp_path / name)
        return tmp_path / name

    return write


def program(number, channel=1):
    return mido.Message("program_change", program=number - 1, channel=channel - 1)


def note(begin, end, channel=1):
    on, off = (mido.Message(f"note_{which}", note=69, velocity=100, channel=channel - 1) for which in ("on", "off"))
    return [(begin, on), (end, off)]


@pytest.fixture
def rendered(graphrun, tmp_path):
    """The sound of a patch and a MIDI file from the command line, and its warnings."""

    def render(path, midi, *words):
        done = graphrun(path, "--midi", midi, "--out", "o.wav", "--seconds", 1, "--block", BLOCK, *words)
        assert done.returncode == 0, done.stderr
        warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
        return soundfile.read(tmp_path / "o.wav", always_2d=True)[0][:, 0], warnings

    return render


def hertz(audio, begin, end):
    part = audio[int(begin * RATE) : int(end * RATE)]
    return round(np.count_nonzero((part[:-1] < 0) & (part[1:] >= 0)) / (end - begin), -1)


def test_a_program_change_in_a_file_takes_effect_in_the_block_of_its_frame(patch, song, rendered):
    plain = song(*note(0, 0.9), name="plain.mid")
    audio, warnings = rendered(patch(), song(note(0, 0.9)[0], (0.501, program(2)), note(0, 0.9)[1]))
    assert (hertz(audio, 0.1, 0.5), hertz(audio, 0.55, 0.85), warnings) == (440, 1760, [])
    changed = np.flatnonzero(audio != rendered(patch(), plain)[0])[0]
    frame = round(0.501 * RATE)
    assert frame // BLOCK * BLOCK <= changed < frame + BLOCK


def test_a_program_change_at_the_start_sounds_from_the_first_frame(patch, song, rendered):
    audio, warnings = rendered(patch(), song((0, program(2)), *note(0, 0.5)))
    assert warnings == []
    assert np.array_equal(audio, rendered(patch(), song(*note(0, 0.5)), "--preset", "high")[0])


def test_changes_faster_than_the_crossfade_end_at_the_last_one(patch, song, rendered):
    changes = [(0.3 + i / 1000, program(1 + (i + 1) % 2)) for i in range(15)]
    audio, _ = rendered(patch(), song((0, note(0, 1)[0][1]), *changes, note(0, 0.95)[1]))
    assert (hertz(audio, 0.1, 0.3), hertz(audio, 0.4, 0.9)) == (440, 1760)


@pytest.mark.parametrize("channels", [range(1, 17), range(16, 0, -1)])
def test_of_sixteen_channels_the_lowest_chooses_and_the_others_are_one_message(patch, song, rendered, channels):
    changes = [(0.3, program(2 if channel == 1 else 1, channel)) for channel in channels]
    audio, warnings = rendered(patch(), song(note(0, 0.9)[0], *changes, note(0, 0.9)[1]))
    assert hertz(audio, 0.4, 0.8) == 1760
    assert warnings == [
        "warning: ignored 15 program changes above channel 1; with `presets: all`, MidiIn follows every channel"
    ]


def test_the_lowest_channel_is_the_lowest_with_notes_or_programs(patch, song, rendered):
    on, off = note(0, 0.9, channel=2)
    audio, warnings = rendered(patch(), song((0, program(1, 3)), on, (0.3, program(2, 3)), off))
    assert hertz(audio, 0.4, 0.8) == 440
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: 2 program changes above channel 2")
    assert hertz(rendered(patch(), song(on, (0.3, program(2, 2)), off))[0], 0.4, 0.8) == 1760


@pytest.mark.parametrize(
    ("options", "channel", "pitch"),
    [
        (", presets: all", 9, 1760),
        (", presets: none", 1, 440),
        (", channel: 1", 1, 1760),
        (", channel: 1", 2, 440),
        (", channel: 1, presets: none", 1, 440),
    ],
)
def test_the_options_of_midi_in_select_the_channel(patch, song, rendered, options, channel, pitch):
    on, off = note(0, 0.9)
    audio, warnings = rendered(patch(options), song(on, (0.3, program(2, channel)), off))
    assert (hertz(audio, 0.4, 0.8), warnings) == (pitch, [])


def test_a_program_without_a_preset_gives_one_message_and_changes_nothing(patch, song, rendered):
    on, off = note(0, 0.9)
    audio, warnings = rendered(patch(), song(on, (0.3, program(9)), (0.4, program(9)), off))
    assert warnings == ["warning: program 9 has no preset: the patch has 2 presets: low, high"]
    assert np.array_equal(audio, rendered(patch(), song(on, off))[0])


def test_a_patch_without_presets_says_so_once(patch, song, rendered):
    on, off = note(0, 0.9)
    path = patch(text=PATCH.partition("presets:")[0].replace("%s", ""))
    audio, warnings = rendered(path, song(*((0, program(n, n)) for n in range(1, 17)), on, (0.4, program(3)), off))
    assert warnings == ["warning: program 1 has no preset: the patch has no presets"]
    assert hertz(audio, 0.1, 0.8) == 440


def test_a_playing_file_selects_presets_as_in_a_render(patch, song, graphrun, tmp_path):
    changes = [(0, program(1, channel)) for channel in range(16, 0, -1)]
    midi = song(*changes, *note(0, 0.6), (0.7, program(2)), *note(0.8, 1.8))
    words = ("--device", "null", "--record", "r.wav", "--seconds", 2, "--plain")
    done = graphrun(patch(), "--midi", midi, *words)
    assert done.returncode == 0, done.stderr
    audio = soundfile.read(tmp_path / "r.wav", always_2d=True)[0][:, 0]
    assert (hertz(audio, 0.2, 0.6), hertz(audio, 1.4, 1.8)) == (440, 1760)
    told = done.stdout + done.stderr
    assert [told.count(line) for line in ("program 1: low\n", "program 2: high\n")] == [1, 1]
    assert told.count("ignored 15 program changes above channel 1") == 1


def until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def test_midi_bytes_choose_presets_while_it_plays(patch):
    performance = Performance(Path(patch()))
    with Live(performance.graph, device="null") as live:
        performance.begin(live, watch=False)
        live.send(bytes([0xC0, 1]))
        until(lambda: "program 2: high" in live.messages)
        until(lambda: live["octave.value"] == 4.0)  # it glides there
        live.send(bytes([0xC0, 8]))
        until(lambda: "program 9 has no preset: the patch has 2 presets: low, high" in live.messages)
        live.send(bytes([0xC3, 0]))
        live.send(bytes([0xC0, 8, 0xC0, 1]))  # the same again: no message
        live.send(bytes([0xC0, 0]))
        until(lambda: "program 1: low" in live.messages)
        until(lambda: live["octave.value"] == 1.0)
        performance.end()
        assert live.messages[-1].startswith("ignored 1 program change above channel 1")
        assert len([line for line in live.messages if line.startswith("program")]) == 3
