"""`--from BAR`, `--file-tempo` and chasing, through the command line: a part equals the same place in the whole."""

from __future__ import annotations

import json

import mido
import numpy as np
import pytest
import soundfile
from allocator_events import chased_first, from_frame, rendered

from graph import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from graph.cli.main import main
from graph.native.functions import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="whole patches in plain Python take minutes")
RATE = 48_000
VOICES = """\
  voices: {node: VoiceAllocator, events: keys, polyphony: 8}
  hits: {node: Mix, audio: voices.trigger}
out: hits
"""


def save(path, *messages, ppq=480, end=0):
    """A file of (tick, message)."""
    file, track, now = mido.MidiFile(ticks_per_beat=ppq), mido.MidiTrack(), 0
    for tick, message in sorted(messages, key=lambda pair: pair[0]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
    file.tracks.append(track)
    file.save(path)
    return path


def on(tick, key, velocity=100):
    return tick, mido.Message("note_on", note=key, velocity=velocity)


def off(tick, key):
    return tick, mido.Message("note_off", note=key)


def control(tick, number, value):
    return tick, mido.Message("control_change", control=number, value=value)


def tempo(tick, bpm):
    return tick, mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm))


def meter(tick, upper, lower):
    return tick, mido.MetaMessage("time_signature", numerator=upper, denominator=lower)


def bars(count, each=1920):
    """One half-beat note per beat, and two notes held over bar lines."""
    notes = []
    for beat in range(count * each // 480):
        notes += [on(480 * beat, 60 + beat % 12), off(480 * beat + 240, 60 + beat % 12)]
    return [*notes, on(each - 100, 40), off(3 * each + 300, 40), on(each, 41), off(2 * each, 41)]


@pytest.fixture
def song(tmp_path):
    """Three bars of 3/4 at 97.3 bpm, then 4/4, a tempo ramp, a pedal, a bend and a program."""
    ramp = [tempo(480 * beat, 97.3 + 7.7 * beat) for beat in range(4, 20)]
    said = [control(10, 101, 0), control(10, 100, 0), control(11, 6, 7), control(12, 101, 127), control(12, 100, 127)]
    state = [
        *said,
        control(20, 64, 127),
        (30, mido.Message("pitchwheel", pitch=4096)),
        (40, mido.Message("program_change", program=5)),
    ]
    up = control(9 * 480 + 7, 64, 0)
    first, then = meter(0, 3, 4), meter(9 * 480, 4, 4)
    return save(tmp_path / "song.mid", tempo(0, 97.3), first, then, *ramp, *state, up, *bars(8), end=8 * 1920)


def patch(tmp_path, text, name="patch.yaml"):
    (tmp_path / name).write_text("nodes:\n" + text)
    return tmp_path / name


def part_and_whole(words, bar, begin, tmp_path, seconds=3.0):
    """The events of each allocator in the part and, from its first frame on, in the whole; and both sounds."""
    part, heard = rendered([*words, "--from", bar, "--seconds", seconds], tmp_path / "part.wav")
    whole, all_ = rendered([*words, "--seconds", begin / RATE + seconds], tmp_path / "whole.wav")
    assert set(part) == set(whole)
    return {name: (events, from_frame(whole[name], begin)) for name, events in part.items()}, heard, all_[begin:]


def frame_of_beat(beat, tempos):
    """The nearest frame to a beat, by (beat, bpm)."""
    seconds = 0.0
    for (begin, bpm), (end, _) in zip(tempos, [*tempos[1:], (beat, 0)], strict=True):
        seconds += (min(end, beat) - min(begin, beat)) * 60 / bpm
    return round(seconds * RATE)


def exact(bpm):
    """The file's tempo, in whole microseconds per beat."""
    return 60e6 / round(60e6 / bpm)


TEMPOS = [(0, exact(97.3)), *((beat, exact(97.3 + 7.7 * beat)) for beat in range(4, 20))]


def test_a_file_into_the_midi_inputs_begins_at_the_bar_that_its_own_time_signatures_count(tmp_path, song):
    words = [patch(tmp_path, "  keys: {node: MidiIn}\n" + VOICES), "--midi", song]
    for bar, beat in (("3", 6), ("4", 9), ("5", 13)):
        found, part, whole = part_and_whole(words, bar, frame_of_beat(beat, TEMPOS), tmp_path)
        first = chased_first(*found["voices"])
        assert first is not None, f"bar {bar}"
        np.testing.assert_array_equal(part[1:], whole[1 : len(part)])


def test_what_matters_before_the_bar_is_sent_first_and_in_its_order(tmp_path, song):
    words = [patch(tmp_path, "  keys: {node: MidiIn}\n" + VOICES), "--midi", song]
    found, _, _ = part_and_whole(words, "3", frame_of_beat(6, TEMPOS), tmp_path, 0.5)
    first = [(kind, number) for _, kind, _, number, _ in chased_first(*found["voices"])]
    named = [(CONTROL, 101.0), (CONTROL, 100.0), (CONTROL, 6.0), (CONTROL, 101.0), (CONTROL, 100.0)]
    assert [pair for pair in first if pair in named] == named
    assert {(BEND, 0.0), (PROGRAM, 5.0), (CONTROL, 64.0)} <= set(first)
    assert (NOTE_ON, 40.0) in first
    held = [number for kind, number in first if kind == NOTE_ON and (NOTE_OFF, number) in first]
    assert 60.0 in held, "a key that is up and that the pedal holds"
    assert (NOTE_ON, 66.0) not in first, "what begins at the bar is no chase"


@pytest.mark.parametrize("clock", ["", ", clock: beat"])
def test_a_midi_file_node_begins_at_the_bar_with_and_without_a_clock(tmp_path, song, clock):
    nodes = f"  keys: {{node: MidiFile, file: {song}{clock}}}\n"
    beat = "  beat: {node: Transport, tempos: '0: 91.7, 6: 131.3'}\n" if clock else ""
    steps = (
        "  steps: {node: Steps, clock: keys.beat, steps: 'C4 E4 G4'}\n"
        "  beeps: {node: VoiceAllocator, events: steps}\n"
        "  beep: {node: Mix, audio: beeps.trigger}\n"
    )
    text = nodes + beat + steps + VOICES.replace("out: hits", "out: hits + beep")
    if clock:
        slope = (131.3 - 91.7) / 6
        begin = int(np.ceil((60 / slope * np.log(131.3 / 91.7) + 2 * 60 / 131.3) * RATE - 1e-6))
    else:
        begin = frame_of_beat(6, TEMPOS)
    found, part, whole = part_and_whole([patch(tmp_path, text)], "3", begin, tmp_path)
    assert all(chased_first(*pair) is not None for pair in found.values())
    assert len(found["beeps"][0]) > 10
    np.testing.assert_array_equal(part[1:], whole[1 : len(part)])


def test_without_chase_no_note_starts_across_the_start_position(tmp_path, song):
    text = f"  keys: {{node: MidiFile, file: {song}, chase: false}}\n" + VOICES
    found, _, _ = part_and_whole([patch(tmp_path, text)], "3", frame_of_beat(6, TEMPOS), tmp_path)
    first = chased_first(*found["voices"])
    assert {kind for _, kind, *_ in first} == {CONTROL, BEND, PROGRAM}


def test_after_every_turn_of_a_loop_the_controllers_are_what_they_were_at_its_beginning(tmp_path):
    file = save(tmp_path / "loop.mid", control(0, 74, 127), on(960, 50), off(5000, 50), control(5000, 74, 10), end=7680)
    text = (
        "  beat: {node: Transport, tempo: 240, loop_from: 2, loop_to: 4, start: 2}\n"
        f"  keys: {{node: MidiFile, file: {file}, clock: beat}}\n" + VOICES
    )
    events, _ = rendered([patch(tmp_path, text), "--seconds", 4.5], tmp_path / "out.wav")
    turn = 2 * RATE
    for begin in (0, turn, 2 * turn):
        here = [
            (kind, number, round(value * 127)) for frame, kind, _, number, value in events["voices"] if frame == begin
        ]
        assert here == [(CONTROL, 74.0, 127), (NOTE_ON, 50.0, 100)]
    late = [frame for frame, kind, _, number, value in events["voices"] if kind == CONTROL and value < 0.5]
    assert [frame // turn for frame in late] == [0, 1]


def test_a_recording_and_the_audio_input_start_at_the_bar(tmp_path):
    rng = np.random.default_rng(5)
    sound = rng.uniform(-0.5, 0.5, (6 * RATE, 1)).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", sound, RATE, subtype="FLOAT")
    text = (
        "  beat: {node: Transport, tempo: 96}\n"
        "  track: {node: Player, file: noise.wav, width: 1}\n"
        "  voice: {node: AudioIn}\n"
        "  place: {node: Automation, unit: seconds, points: '0: 0, 6: 6'}\n"
        "  turn: {node: Lfo, rate: 0.37 Hz}\n"
        "  time: {node: Pulse, freq: beat.section}\n"
        "out: {track: 1, voice: -0.5, place: 0.01, turn: 0.1, time: 0}\n"
    )
    words = [patch(tmp_path, text), "--audio-in", tmp_path / "noise.wav"]
    _, part = rendered([*words, "--from", "2", "--seconds", 2], tmp_path / "part.wav")
    _, whole = rendered([*words, "--seconds", 4.5], tmp_path / "whole.wav")
    begin = int(2.5 * RATE)
    assert np.abs(part).max() > 0.2
    np.testing.assert_allclose(part, whole[begin : begin + len(part)], atol=1e-4)


@pytest.mark.parametrize(
    ("node", "out"),
    [
        ("{node: Random, rate: 3.7 Hz, glide: 0.5, seed: 3}", "way * 0.5 + beat.section * 0"),
        ("{node: Random, beats: 0.75, clock: beat, glide: 0.5, seed: 3}", "way * 0.5 + beat.section * 0"),
        ("{node: Drift, freq: 440 Hz, depth: 100 cents, rate: 3.3 Hz, seed: 3}", "way * 0.001 + beat.section * 0 Hz"),
    ],
)
def test_a_random_curve_is_equal_in_an_excerpt_and_in_the_whole(tmp_path, node, out):
    text = f"  beat: {{node: Transport, tempo: 96}}\n  way: {node}\nout: {out}\n"
    _, part = rendered([patch(tmp_path, text), "--from", "2", "--seconds", 2], tmp_path / "part.wav")
    _, whole = rendered([patch(tmp_path, text), "--seconds", 4.5], tmp_path / "whole.wav")
    begin = int(2.5 * RATE)
    assert np.ptp(part) > 0.02
    np.testing.assert_allclose(part, whole[begin : begin + len(part)], atol=2e-4)


def test_a_sequencer_with_its_own_tempo_starts_at_its_position(tmp_path):
    text = (
        "  beat: {node: Transport, tempo: 97}\n"
        "  other: {node: Transport, tempo: 131}\n"
        "  steps: {node: Steps, tempo: 113, steps: 'C4 E4 G4 B4 D5'}\n"
        "  tune: {node: Steps, clock: other, steps: 'C4 E4 G4 B4 D5 F5'}\n"
        "  drums: {node: Steps, clock: beat, steps: 'C4 . E4'}\n"
        "  keys: {node: Merge, a: steps, b: tune}\n"
        "  taps: {node: VoiceAllocator, events: drums}\n"
        "  tap: {node: Mix, audio: taps.trigger}\n" + VOICES.replace("out: hits", "out: hits + tap")
    )
    begin = int(np.ceil(16 * 60 / 97 * RATE - 1e-6))
    found, _, _ = part_and_whole([patch(tmp_path, text)], "5", begin, tmp_path)
    assert all(chased_first(*pair) == [] for pair in found.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  beat: {node: Transport}\n  wow: {node: Lfo}\n  tape: {node: Player, file: n.wav, speed: wow}\n",
         "cannot move tape: its speed is driven by a cable"),
        ("  beat: {node: Link}\n"
         "  seq: {node: Steps, clock: beat, steps: C4}\n  v: {node: VoiceAllocator, events: seq}\n"
         "  tape: {node: Mix, audio: v.gate}\n",
         "beat receives its beat from outside and cannot be moved"),
        ("  beat: {node: Transport, tempo: 100 + wow}\n  wow: {node: Lfo}\n  tape: {node: Player, file: n.wav}\n"
         "  seq: {node: Steps, clock: beat, steps: C4}\n  v: {node: VoiceAllocator, events: seq}\n"
         "  m: {node: Mix, audio: v.gate}\n",
         "beat.tempo is driven by a cable"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_is_refused_in_a_sentence(tmp_path, capsys, text, says):
    soundfile.write(tmp_path / "n.wav", np.zeros((100, 1), np.float32), RATE)
    out = "out: tape + m\n" if "  m:" in text else ("out: tape\n" if "Link" in text else "out: tape * beat.section\n")
    assert main([str(patch(tmp_path, text + out)), "--from", "3", "--out", str(tmp_path / "o.wav")]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert len(error.strip().splitlines()) == 1


ECHO = """\
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 1}
  hit: {node: Mix, audio: voices.trigger}
"""


@pytest.mark.parametrize(
    ("clock", "more", "seconds", "warned"),
    [
        (", clock: beat", [], 0.25, True),
        (", clock: beat", ["--file-tempo"], 0.5 * 60 / exact(90), False),
    ],
)
def test_an_echo_in_beats_has_the_tempo_of_the_transport_until_the_file_drives_it(
    tmp_path, capsys, clock, more, seconds, warned
):
    file = save(tmp_path / "a.mid", tempo(0, 90), on(0, 60), off(48, 60), end=1920)
    beat = "  beat: {node: Transport, tempo: 120}\n"
    text = ECHO + beat + f"  echo: {{node: Delay, audio: hit, time: 1/2 beats, feedback: 0{clock}}}\nout: echo\n"
    words = [str(patch(tmp_path, text)), "--midi", str(file), *more, "--out", str(tmp_path / "o.wav")]
    assert main([*words, "--seconds", "1.5", "--json"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert any("tempo is 90 bpm, and 'beat' keeps its tempo of 120 bpm" in text for text in warnings) == warned
    audio, _ = soundfile.read(tmp_path / "o.wav", always_2d=True)
    assert np.flatnonzero(np.abs(audio[:, 0]) > 0.1)[0] == pytest.approx(seconds * RATE, abs=2)


def test_file_tempo_without_a_file_is_a_mistake(capsys):
    with pytest.raises(SystemExit):
        main(["neon", "--file-tempo"])
    assert "give that too" in capsys.readouterr().err


@pytest.mark.parametrize("bar", ["1", "2"])
def test_on_a_device_the_clock_of_the_file_starts_with_its_first_note(tmp_path, bar):
    notes = [message for beat in range(8) for message in (on(480 * beat, 60), off(480 * beat + 100, 60))]
    file = save(tmp_path / "a.mid", tempo(0, 171), *notes, end=8 * 480)
    text = (
        ECHO + "  steps: {node: Steps, step: 1, steps: C4}\n"
        "  beeps: {node: VoiceAllocator, events: steps}\n  beep: {node: Mix, audio: beeps.trigger}\n"
        "  both: {node: Join, left: hit, right: beep}\nout: both\n"
    )
    words = [str(patch(tmp_path, text)), "--midi", str(file), "--device", "null", "--from", bar, "--seconds", "2.2"]
    assert main([*words, "--record", str(tmp_path / "o.wav"), "--json"]) == 0
    audio, _ = soundfile.read(tmp_path / "o.wav", always_2d=True)
    left, right = (np.flatnonzero(audio[:, channel] > 0.5) for channel in (0, 1))
    assert len(left) >= 4
    assert np.abs(left - right[: len(left)]).max() <= 1


def test_beats_without_a_clock_follow_the_midi_file(graphrun, tmp_path):
    (tmp_path / "echo.yaml").write_text(
        "nodes:\n"
        "  keys: {node: MidiIn}\n"
        "  voices: {node: VoiceAllocator, events: keys, mode: mono}\n"
        "  echo: {node: Delay, audio: voices.trigger, time: 1/2 beats, feedback: 0}\n"
        "out: echo\n"
    )
    tempo = mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(150))
    notes = [mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)]
    mido.MidiFile(tracks=[mido.MidiTrack([tempo, *notes])]).save(tmp_path / "song.mid")
    alone = graphrun("echo.yaml", "--out", "x.wav", "--seconds", "1")
    assert "echo.time is in beats: connect a clock to echo too" in alone.stderr
    done = graphrun("echo.yaml", "--midi", "song.mid", "--out", "x.wav", "--seconds", "1")
    assert done.returncode == 0, done.stderr
    audio, rate = soundfile.read(tmp_path / "x.wav")
    echo = audio if audio.ndim == 1 else audio[:, 0]
    assert np.flatnonzero(np.abs(echo) > 0.5 * np.abs(echo).max())[0] == pytest.approx(0.2 * rate, abs=4)


@pytest.mark.parametrize("node", ["ElectricPiano", "Modal", "Pluck"])
def test_what_a_node_does_every_so_many_frames_falls_on_the_same_frames_in_a_part(node, graphrun, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "nodes:\n"
        "  beat: {node: Transport, tempo: 197.3}\n"
        '  line: {node: Steps, clock: beat, steps: "C4 E4 G4 C5", gate: 0.4}\n'
        "  v: {node: VoiceAllocator, events: line, mode: mono}\n"
        f"  it: {{node: {node}, freq: v.freq, gate: v.gate, trigger: v.trigger, velocity: v.velocity}}\n"
        "out: it\n"
    )
    audio = []
    for words in (["--seconds", "8"], ["--from", "3", "--seconds", "5"]):
        done = graphrun("p.yaml", "--out", "x.wav", *words)
        assert done.returncode == 0, done.stderr
        audio.append(soundfile.read(tmp_path / "x.wav")[0])
    begin = int(np.ceil(8 * 60 / 197.3 * RATE - 1e-6))
    assert begin % 32 != 0
    whole, part = audio[0][begin:], audio[1]
    later = slice(3 * RATE, 5 * RATE)  # what began before the part has died away
    assert np.abs(whole[later]).max() > 0.01
    assert np.abs(whole[later] - part[later]).max() < 1e-4
