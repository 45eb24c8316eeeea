"""Standard MIDI Files: exact times, every kind of event, and one clear error for any damage."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import MidiFileError
from graph.memory import events as ev
from graph.midi.file import LONGEST, LONGEST_SECONDS, events_at, read

END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x45\x64\x60\x80\x45\x20"
TEMPO_60 = b"\x00\xff\x51\x03\x0f\x42\x40"


def chunk(name, data, length=None):
    return name + (len(data) if length is None else length).to_bytes(4, "big") + data


def smf(*tracks, kind=None, division=96, count=None):
    kind = (1 if len(tracks) > 1 else 0) if kind is None else kind
    count = len(tracks) if count is None else count
    header = b"".join(number.to_bytes(2, "big") for number in (kind, count, division))
    return chunk(b"MThd", header) + b"".join(chunk(b"MTrk", track) for track in tracks)


@pytest.fixture
def song(tmp_path):
    def make(data):
        path = tmp_path / "song.mid"
        path.write_bytes(data)
        return read(path)

    return make


def plain(song):
    """(seconds, kind, channel, number, value) of every event."""
    return [
        (float(seconds), *(event[name].item() for name in ("kind", "channel", "number", "value")))
        for seconds, _, event in song.events
    ]


def test_a_note_has_its_key_velocity_release_velocity_and_times(song):
    made = song(smf(NOTE + END))
    assert plain(made) == [(0.0, ev.NOTE_ON, 1, 69.0, 100 / 127), (0.5, ev.NOTE_OFF, 1, 69.0, 32 / 127)]
    assert made.duration == 0.5
    assert made.warnings == ()
    assert (made.type, made.ppq) == (0, 96)


def test_every_kind_of_event_is_read(song):
    data = b"".join(
        b"\x00" + message
        for message in (b"\xa1\x3c\x7f", b"\xb2\x4a\x40", b"\xc3\x05", b"\xd4\x7f", b"\xe5\x00\x00", b"\xe5\x7f\x7f")
    )
    assert plain(song(smf(data + b"\x00\xe5\x00\x40" + END)))[:-1] == [
        (0.0, ev.KEY_PRESSURE, 2, 60.0, 1.0),
        (0.0, ev.CONTROL, 3, 74.0, 64 / 127),
        (0.0, ev.PROGRAM, 4, 5.0, 0.0),
        (0.0, ev.PRESSURE, 5, 0.0, 1.0),
        (0.0, ev.BEND, 6, 0.0, -1.0),
        (0.0, ev.BEND, 6, 0.0, 1.0),
    ]
    assert song(smf(data + b"\x00\xe5\x00\x40" + END)).events["event"]["value"][-1] == 0.0


def test_running_status_and_velocity_zero_are_understood(song):
    made = song(smf(b"\x00\x90\x45\x64\x60\x45\x00\x00\x40\x01\x60\x40\x00" + END))
    assert [(seconds, kind, number) for seconds, kind, _, number, _ in plain(made)] == [
        (0.0, ev.NOTE_ON, 69),
        (0.5, ev.NOTE_OFF, 69),
        (0.5, ev.NOTE_ON, 64),
        (1.0, ev.NOTE_OFF, 64),
    ]


def test_tempo_changes_in_any_track_apply_to_all_tracks(song):
    first = b"\x60\xff\x51\x03\x0f\x42\x40" + END
    second = b"\x00\x90\x45\x64\x81\x40\x80\x45\x40" + END
    made = song(smf(first, second))
    assert made.events["seconds"].tolist() == [0.0, 1.5]
    assert made.events["beat"].tolist() == [0.0, 2.0]
    assert made.tempos.tolist() == [(0.0, 0.0, 120.0), (0.5, 1.0, 60.0)]


def test_sequences_of_format_2_follow_each_other_each_at_its_own_tempo(song):
    made = song(smf(TEMPO_60 + NOTE + END, NOTE + b"\x60\xff\x2f\x00", NOTE + END, kind=2))
    assert made.events["seconds"].tolist() == [0.0, 1.0, 1.0, 1.5, 2.0, 2.5]
    assert made.duration == 2.5


@pytest.mark.parametrize(
    ("rate", "frames"), [(24, Fraction(24)), (25, Fraction(25)), (29, Fraction(30_000, 1001)), (30, Fraction(30))]
)
def test_smpte_time_ignores_the_tempo(song, rate, frames):
    made = song(smf(TEMPO_60 + NOTE + END, division=(0x100 - rate) << 8 | 40))
    assert made.events["seconds"][1] == float(96 / (frames * 40))


def test_times_do_not_drift_over_a_hundred_thousand_odd_steps(song):
    step = b"\x01\xff\x51\x03\x07\xa1\x21\x00\x90\x45\x64\x00\x80\x45\x40"
    made = song(smf(step * 100_000 + END, division=97))
    exact = Fraction(500_000 + 99_999 * 500_001, 97 * 1_000_000)
    assert made.duration == float(exact)


def test_times_agree_with_mido(song):
    rng = np.random.default_rng(1)
    file = mido.MidiFile(ticks_per_beat=480)
    for channel in range(3):
        track = mido.MidiTrack()
        for _ in range(200):
            delta = int(rng.integers(0, 500))
            if rng.random() < 0.1:
                track.append(mido.MetaMessage("set_tempo", tempo=int(rng.integers(200_000, 900_000)), time=delta))
            key, velocity = int(rng.integers(128)), int(rng.integers(128))
            track.append(mido.Message("note_on", channel=channel, note=key, velocity=velocity, time=delta))
        file.tracks.append(track)
    data = io.BytesIO()
    file.save(file=data)
    made = song(data.getvalue())
    now, theirs = 0.0, []
    for message in file:
        now += message.time
        if not message.is_meta:
            theirs.append((now, message.channel + 1, message.note))
    notes = made.events[: len(theirs)]
    np.testing.assert_allclose(notes["seconds"], [time for time, _, _ in theirs], atol=1e-9)
    assert notes["event"]["channel"].tolist() == [channel for _, channel, _ in theirs]
    assert notes["event"]["number"].tolist() == [key for _, _, key in theirs]
    assert made.duration == pytest.approx(now)


def at_frames(song, data, rate=100.0):
    return [(int(time), event["kind"].item(), event["number"].item()) for time, event in events_at(song(data), rate)]


def test_frames_are_rounded_seconds(song):
    assert at_frames(song, smf(NOTE + END, division=97), 48_000.0)[1] == (round(96 / 97 * 0.5 * 48_000), 0, 69)


def test_a_repeated_note_is_off_and_then_on(song):
    data = b"\x00\x90\x45\x64\x60\x90\x45\x64\x00\x80\x45\x40\x60\x80\x45\x40" + END
    assert at_frames(song, smf(data)) == [
        (0, ev.NOTE_ON, 69),
        (50, ev.NOTE_OFF, 69),
        (50, ev.NOTE_ON, 69),
        (100, ev.NOTE_OFF, 69),
    ]


def test_controllers_come_before_the_notes_of_their_frame(song):
    data = b"\x00\x90\x45\x64\x00\xb0\x07\x40\x00\xc0\x05\x60\x80\x45\x40" + END
    assert [kind for _, kind, _ in at_frames(song, smf(data))] == [ev.CONTROL, ev.PROGRAM, ev.NOTE_ON, ev.NOTE_OFF]


def test_a_note_without_length_still_ends_after_it_begins(song):
    data = b"\x00\x90\x45\x64\x00\x80\x45\x40\x60\x90\x45\x64\x01\x80\x45\x40" + END
    kinds = [(frame, kind) for frame, kind, _ in at_frames(song, smf(data))]
    assert kinds == [(0, ev.NOTE_ON), (0, ev.NOTE_OFF), (50, ev.NOTE_ON), (51, ev.NOTE_OFF)]


def test_notes_and_pedals_left_down_are_released_at_the_end_of_the_file(song):
    made = song(smf(b"\x00\x90\x45\x64\x00\xb0\x40\x7f\x60\xff\x2f\x00"))
    assert plain(made)[2:] == [(0.5, ev.NOTE_OFF, 1, 69.0, 64 / 127), (0.5, ev.CONTROL, 1, 64.0, 0.0)]
    assert made.warnings == ("1 note has no note-off and ends with the file",)


def cut(data, count=1):
    return data[:-count]


def longer(data, by, place=0):
    """The same file, with the declared length of track number `place` increased by `by` bytes."""
    at = [i for i in range(len(data)) if data[i : i + 4] == b"MTrk"][place] + 4
    return data[:at] + (int.from_bytes(data[at : at + 4], "big") + by).to_bytes(4, "big") + data[at + 4 :]


def riff(data, before=b""):
    body = b"RMID" + before + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


FILE = smf(NOTE + END)
PLAIN = smf(TEMPO_60 + END, NOTE + END)
NO_MORE = "; the rest of the track is not played"
META = b"\x00\xff\x01\x01a"


@pytest.mark.parametrize(
    ("data", "notes", "warning"),
    [
        (smf(NOTE + END, count=3), 1, "the header declares 3 tracks; the file has 1"),
        (smf(NOTE + END, NOTE + END, count=1), 2, "the header declares 1 track; the file has 2"),
        (smf(NOTE + END, NOTE + END, kind=0), 2, "format 0 allows only one track; the tracks are played together"),
        (smf(NOTE + END, NOTE + END, kind=3), 2, "byte 8: the format is 3; the tracks are played together, as in"),
        (smf(NOTE), 1, "track 1, byte 30: the end mark is missing"),
        (smf(NOTE + b"\x05"), 1, "track 1, byte 30: a time has no event"),
        (FILE + b"junk", 1, "byte 34: 4 bytes outside of the tracks are ignored"),
        (b"junkjunk" + FILE, 1, "8 bytes before the MIDI header are ignored"),
        (FILE[:14] + chunk(b"XFIH", b"abc") + FILE[14:], 1, "byte 14: a chunk 'XFIH' is ignored"),
        (smf(b"\x00\xff\x51\x03\0\0\0" + NOTE + END), 1, "track 1, byte 22: a tempo event has no tempo"),
        (smf(b"\x00\xf2\x01\x02" + NOTE + END), 1, "track 1, byte 23: a system message is not allowed in a file"),
        (smf(b"\x00\xb0\x07\xff" + NOTE + END), 1, "track 1, byte 24: a data byte is above 127; it is read as 127"),
        (FILE.replace(b"\0\0\0\x06", b"\0\0\0\x16"), 1, "byte 4: the header declares 22 bytes; it has 6"),
        (FILE.replace(b"\0\0\0\x06", b""), 1, "byte 4: the header has no length"),
        (FILE.replace(b"MThd", b"MT0d"), 1, "byte 0: the header is named 'MT0d'; it is read as 'MThd'"),
        (FILE.replace(b"MTrk", b"mTrk"), 1, "track 1, byte 14: the chunk is named 'mTrk'; it is read as a track"),
        (smf(END), 0, "there are no notes"),
        (cut(PLAIN), 1, "track 2, byte 37: the declared length is 12 bytes; 11 are present"),
        (cut(PLAIN, 7), 1, "track 2, byte 37: the declared length is 12 bytes; 5 are present"),
        (longer(PLAIN, 3, 1), 1, "track 2, byte 37: the declared length is 15 bytes; 12 are present"),
        (longer(PLAIN, 3), 1, "track 1, byte 18: the declared length is 14 bytes; 11 are present"),
        (longer(PLAIN, -3, 1), 1, "track 2, byte 37: the declared length is 9 bytes; 12 are present"),
        (longer(PLAIN, -3), 1, "track 1, byte 18: the declared length is 8 bytes; 11 are present"),
        (longer(PLAIN, 2**31), 1, "track 1, byte 18: the declared length is 2147483659 bytes; 11 are present"),
        (PLAIN[:33] + b"\xff\x00junk" + PLAIN[33:], 1, "byte 33: 6 bytes outside of the tracks are ignored"),
        (smf(END + NOTE + END), 1, "track 1, byte 26: 2 events after the end mark are played"),
        (smf(NOTE + END + b"\0\0"), 1, "track 1, byte 34: 2 bytes after the end mark are ignored"),
        (smf(NOTE + META + b"\x00\x45\x40" + END), 1, "track 1, byte 36: a status byte is missing after a meta"),
        (smf(NOTE + END, b"\x00\x45\x64" + END), 1, f"track 2, byte 42: there is data without a status byte{NO_MORE}"),
        (smf(NOTE + b"\x00\x90\x45", NOTE + END), 2, f"track 1, byte 30: an event is cut off{NO_MORE}"),
        (smf(NOTE + b"\x81\x80\x80\x80\x00\x90\x45\x64" + END), 1, "track 1, byte 30: a number has more than 4 bytes"),
        (smf(NOTE + b"\x00\xff\x01\xff\xff\xff\x7f" + END), 1, f"track 1, byte 30: an event is cut off{NO_MORE}"),
        (smf(NOTE + b"\xff\xff\xff\x7f\x90\x45\x64" + END, division=1), 1, "the file would play for 1553 days"),
    ],
)  # fmt: skip
def test_the_readable_part_plays_and_a_warning_names_track_and_byte(song, data, notes, warning):
    made = song(data)
    assert len(made.warnings) == 1
    assert made.warnings[0].startswith(warning)
    assert ons(made) == notes
    assert np.count_nonzero(made.events["event"]["kind"] == ev.NOTE_OFF) >= notes
    assert made.duration <= 48


def ons(song):
    return np.count_nonzero(song.events["event"]["kind"] == ev.NOTE_ON)


@pytest.mark.parametrize("data", [riff(FILE), riff(FILE, b"DISP\x03\0\0\0abc\0"), riff(FILE) + b"LIST\0\0\0\0"])
def test_a_midi_file_in_a_riff_container_is_read(song, data):
    assert plain(song(data)) == plain(song(FILE))
    assert song(data).warnings == ()


def test_a_truncated_riff_file_plays(song):
    made = song(riff(FILE)[:-1])
    assert ons(made) == 1
    assert made.warnings[0] == "byte 16: the RIFF chunk declares 34 bytes; 33 are present"


def test_notes_of_a_damaged_track_end_where_it_breaks_and_not_with_the_file(song):
    bad = b"\x00\x91\x30\x64\x00\xb1\x40\x7f\x60\x91\x31\x64\x60\xff\xff\xff\xff\xff\x7f" + END
    made = song(smf(NOTE + b"\x8f\x00\x90\x45\x64\x60\x80\x45\x40" + END, bad))
    ends = [
        (seconds, number) for seconds, kind, channel, number, _ in plain(made) if channel == 2 and kind == ev.NOTE_OFF
    ]
    assert ends == [(0.5, 48), (0.5, 49)]
    assert (0.5, ev.CONTROL, 2, 64.0, 0.0) in plain(made)
    assert made.duration > 10


def test_each_kind_of_damage_is_one_line_however_many_tracks_have_it(song):
    made = song(smf(*[NOTE] * 30))
    assert made.warnings == ("track 1, byte 30: the end mark is missing (and in 29 more places)",)
    assert ons(made) == 30


def test_music_after_an_end_mark_plays_up_to_its_own_damage(song):
    music = b"".join(b"\x00\x90" + bytes([40 + i]) + b"\x64\x10\x80" + bytes([40 + i]) + b"\x00" for i in range(12))
    made = song(smf(END + music + b"\xff\xff\xff\xff\xff" + END))
    assert ons(made) == 12
    assert made.warnings[0] == "track 1, byte 26: 24 events after the end mark are played"
    assert made.warnings[1].startswith("track 1, byte 122: a number has more than 4 bytes")


def test_a_name_after_an_end_mark_begins_the_next_track_whatever_the_length_says(song):
    made = song(longer(PLAIN, 8 + 12))
    assert ons(made) == 1
    assert made.warnings == ("track 1, byte 18: the declared length is 31 bytes; 11 are present",)


@pytest.mark.parametrize(
    "meta",
    [
        b"\x00\xff\x59\x02\x15\x00",
        b"\x00\xff\x54\x01\x00",
        b"\x00\xff\x7f\x03\xff\xff\xff",
        b"\x00\xff\x01\x02\xc3\xa4",
        b"\x00\xf0\x03\x43\x12\xf7",
    ],
)
def test_meta_events_without_music_are_skipped(song, meta):
    made = song(smf(meta + NOTE + END))
    assert len(made.events) == 2
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"RIFF....WAVEfmt ", "is not a MIDI file: it begins with 'RIFF' instead of 'MThd'"),
        (b"MThd\0\0", "ends within its header"),
        (smf(END, division=0), "has 0 ticks per beat"),
        (smf(END, division=0xF060), "has 96 ticks per SMPTE frame at 16 frames per second; the rate must be 24, 25"),
        (smf(), "has no track"),
        (FILE.replace(b"MTrk", b"junk"), "has no track; byte 14: a chunk 'junk' is ignored"),
        (FILE.replace(b"MTrk", b"ju\0k"), "has no track; byte 14: 20 bytes outside of the tracks are ignored"),
        (chunk(b"MThd", b"\0\0\0\1\0\x60", 2**32 - 1), "has a header of 4294967295 bytes instead of 6"),
        (smf(b"\x00\x90\x45"), "is damaged: track 1, byte 22: an event is cut off"),
        (smf(b"\x00\x45\x64" + END), "is damaged: track 1, byte 22: there is data without a status byte"),
        (smf(b"\x81\x80\x80\x80\x00\x90\x45\x64" + END), "is damaged: track 1, byte 22: a number has more than 4"),
        (smf(b"\x00\xff\x01\xff\xff\xff\x7f" + END), "is damaged: track 1, byte 22: an event is cut off"),
        (smf(b"\xff\xff\xff\x7f\x90\x45\x64" + END, division=1), "is damaged: it would play for 1553 days"),
    ],
)
def test_a_broken_file_gives_one_line_that_names_it(tmp_path, data, message):
    path = tmp_path / "broken.mid"
    path.write_bytes(data)
    with pytest.raises(MidiFileError) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert message in text
    assert "\n" not in text


def test_a_missing_file_and_a_folder_say_so(tmp_path):
    with pytest.raises(MidiFileError, match=r"nowhere\.mid: No such file"):
        read(tmp_path / "nowhere.mid")
    with pytest.raises(MidiFileError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(MidiFileError, match="null byte"):
        read("a\0b")


def test_a_file_that_is_too_large_is_not_read_further(tmp_path):
    path = tmp_path / "huge.mid"
    with path.open("wb") as file:
        file.truncate(LONGEST + 1)
    with pytest.raises(MidiFileError, match="is larger than 64 MB, the limit for MIDI files"):
        read(path)


SEED = smf(
    TEMPO_60 + b"\x00\xff\x58\x04\x04\x02\x18\x08" + END,
    b"\x00\xff\x03\x05Piano\x00\xc0\x05\x00\xf0\x03\x43\x12\xf7" + NOTE + b"\x20\x45\x50\x60\x45\x00" + END,
    b"\x00\xb1\x40\x7f\x10\xe1\x00\x50\x81\x00\x91\x30\x7f\x40\x30\x00" + END,
)


TRACKS = [i for i in range(len(SEED)) if SEED[i : i + 4] == b"MTrk"]


def keys_begun(song):
    """An identity for each note-on, in beats, which tempo changes do not affect."""
    notes = song.events[song.events["event"]["kind"] == ev.NOTE_ON]
    return Counter((float(beat), *event[["channel", "number", "value"]].item()) for _, beat, event in notes)


def read_bytes(data, path):
    path.write_bytes(data)
    return read(path)


damages = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.integers(0, len(SEED) - 1), st.integers(1, 255)),
        st.tuples(st.just("cut"), st.integers(0, len(SEED)), st.just(0)),
        st.tuples(st.just("junk"), st.integers(0, len(SEED)), st.binary(min_size=1, max_size=40)),
        st.tuples(st.just("out"), st.integers(0, len(SEED) - 1), st.integers(1, 12)),
    ),
    min_size=1,
    max_size=6,
)


def damaged(what):
    """SEED after damage, and the position of the first changed byte."""
    data, first = bytearray(SEED), len(SEED)
    for kind, at, how in sorted(what, key=lambda each: -each[1]):  # from the end, to keep positions valid
        first = min(first, at)
        if kind == "flip" and at < len(data):
            data[at] ^= how
        elif kind == "cut":
            del data[at:]
        elif kind == "junk":
            data[at:at] = how
        elif kind == "out":
            del data[at : at + how]
    return bytes(data), first


@settings(max_examples=400, deadline=2_000, derandomize=True)
@given(what=damages, kind=st.integers(0, 2))
def test_damage_raises_only_midi_file_errors_and_keeps_the_events_before_it(tmp_path_factory, what, kind):
    data, first = damaged(what)
    data = data[:9] + bytes([kind]) + data[10:]
    path = tmp_path_factory.getbasetemp() / "damaged.mid"
    whole = Counter()
    if first >= TRACKS[1]:  # a file of the complete events before the damage
        for at in range(first, TRACKS[1] - 1, -1):
            try:
                sound = read_bytes(SEED[:9] + bytes([kind]) + SEED[10:at], path)
            except MidiFileError:
                continue
            whole = keys_begun(sound)
            break
    try:
        made = read_bytes(data, path)
    except MidiFileError:
        assert not whole
        return
    assert not whole - keys_begun(made)
    frames = events_at(made, 192_000.0)["time"]
    assert np.all(np.diff(frames) >= 0)
    assert np.all(np.diff(made.events["seconds"]) >= 0)
    assert 0 <= made.duration <= LONGEST_SECONDS
    assert np.isfinite(made.events["event"]["value"]).all()


def test_a_file_cut_at_any_byte_keeps_every_complete_note(tmp_path):
    ends = [match.end() for match in re.finditer(rb"\x90\x45\x64|\x91\x30\x7f", SEED)]
    assert len(ends) == 2
    for size in range(TRACKS[1] + 8, len(SEED) + 1):
        try:
            found = ons(read_bytes(SEED[:size], tmp_path / "cut.mid"))
        except MidiFileError:
            found = 0
        assert found == sum(end <= size for end in ends)


def test_kernels_and_plain_python_read_the_same(tmp_path):
    program = (
        "import sys; from graph.midi.file import read, events_at; s = read(sys.argv[1]);"
        "print(s.events.tolist(), s.tempos.tolist(), s.warnings, events_at(s, 48e3).tolist(), 'numba' in sys.modules)"
    )
    path = tmp_path / "song.mid"
    for data in (SEED, cut(SEED, 9), SEED[:50] + b"\xff\xff" + SEED[50:], smf(END + NOTE + b"\0\xf1\1" + NOTE + END)):
        path.write_bytes(data)
        printed = [
            subprocess.run(
                [sys.executable, "-c", program, path],
                env={**os.environ, "NUMBA_DISABLE_JIT": plain_python},
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            ).stdout
            for plain_python in "01"
        ]
        assert printed[0] == printed[1]
        assert printed[0].rstrip().endswith("False")


def test_a_file_of_ten_megabytes_plays_whole_and_in_little_memory(tmp_path):
    count = 10 * 2**20 // 6
    notes = np.tile(np.array([1, 60, 100, 1, 60, 0], np.uint8), count).tobytes()
    (tmp_path / "black.mid").write_bytes(smf(b"\x00\x90\x3c\x00" + notes + END))
    program = (
        "import sys, re; from pathlib import Path; from graph.midi.file import read; s = read(sys.argv[1]);"
        "status = Path('/proc/self/status'); text = status.read_text() if status.exists() else 'VmHWM: 0';"
        "print(len(s.events), int(re.search(r'VmHWM:\\s*(\\d+)', text)[1]) // 1024, s.warnings)"
    )  # and not ru_maxrss, which begins with what the process that started it had
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "black.mid"], capture_output=True, text=True, check=True, timeout=60
    )
    events, megabytes, warnings = done.stdout.split(maxsplit=2)
    assert (int(events), warnings) == (2 * count + 1, "()\n")
    assert int(megabytes) < 350
