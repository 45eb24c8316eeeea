"""Standard MIDI Files: exact times, every kind of event, and one clear error for whatever is broken."""

from __future__ import annotations

import io
from fractions import Fraction

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import MidiFileError
from graph.memory import events as ev
from graph.midi.file import LONGEST, events_at, read

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


def test_tempo_changes_in_any_track_rule_all_tracks(song):
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


def test_a_key_struck_again_is_off_and_then_on(song):
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


def test_notes_and_pedals_left_down_end_with_the_file(song):
    made = song(smf(b"\x00\x90\x45\x64\x00\xb0\x40\x7f\x60\xff\x2f\x00"))
    assert plain(made)[2:] == [(0.5, ev.NOTE_OFF, 1, 69.0, 64 / 127), (0.5, ev.CONTROL, 1, 64.0, 0.0)]
    assert made.warnings == ("1 note never ends; it ends with the file",)


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (smf(NOTE + END, count=3), "the header promises 3 tracks, 1 are there"),
        (smf(NOTE + END, NOTE + END, kind=0), "a file of format 0 has one track; the tracks are played together"),
        (smf(NOTE), "track 1 has no end mark"),
        (smf(NOTE + b"\x05"), "track 1 ends with a time and no event"),
        (smf(NOTE + END) + b"junk", "4 bytes after the last track are ignored"),
        (b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + smf(NOTE + END), "20 bytes before the MIDI header are ignored"),
        (smf(NOTE + END)[:14] + chunk(b"XFIH", b"abc") + smf(NOTE + END)[14:], "a chunk 'XFIH' at byte 14 is ignored"),
        (smf(b"\x00\xff\x51\x03\0\0\0" + NOTE + END), "track 1 has a tempo that is no tempo, which is ignored"),
        (smf(b"\x00\xf2\x01\x02" + NOTE + END), "track 1 has a system message F2, which is ignored"),
        (smf(b"\x00\xb0\x07\xff" + NOTE + END), "track 1 has data above 127, taken as 127"),
        (smf(NOTE + END).replace(b"\0\0\0\x06", b"\0\0\0\x16"), "the header says that it has 22 bytes; it has 6"),
        (smf(END), "there are no notes"),
    ],
)
def test_what_is_odd_is_read_with_a_warning(song, data, warning):
    made = song(data)
    assert made.warnings == (warning,)
    notes = made.events[made.events["event"]["kind"] == ev.NOTE_ON]
    assert len(notes) == (0 if "no notes" in warning else 2 if "together" in warning else 1)


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
def test_what_is_no_music_is_skipped_whatever_it_says(song, meta):
    made = song(smf(meta + NOTE + END))
    assert len(made.events) == 2
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"RIFF....WAVEfmt ", "is not a MIDI file: it begins with 'RIFF' instead of 'MThd'"),
        (b"MThd\0\0", "ends within its header"),
        (smf(END, kind=3), "is of format 3; Standard MIDI Files have format 0, 1 or 2"),
        (smf(END, division=0), "has 0 ticks a beat"),
        (smf(END, division=0xF060), "counts 96 ticks in each of 16 SMPTE frames a second; 24, 25, 29 or 30"),
        (smf(), "has no track"),
        (smf(NOTE + END).replace(b"MTrk", b"mTrk"), "has no track; a chunk 'mTrk' at byte 14 is ignored"),
        (chunk(b"MThd", b"\0\0\0\1\0\x60", 2**32 - 1), "has a header of 4294967295 bytes, where 6 are usual"),
        (
            smf(NOTE + END)[:14] + chunk(b"MTrk", NOTE, 2**32 - 1),
            "is cut short: track 1 promises 4294967295 bytes, 8 are there",
        ),
        (smf(NOTE + END, NOTE + END)[:-3], "is cut short: track 2 promises 12 bytes, 9 are there"),
        (
            smf(NOTE + END, NOTE + END).replace(b"\0\0\0\x0c", b"\0\0\0\x0d", 1),
            "has 'Trk\\x00' at byte 35, where track 2 of 2 ought to begin",
        ),
        (smf(NOTE + b"\x00\x90\x45"), "is damaged: track 1 ends within an event"),
        (smf(b"\x00\x45\x64" + END), "has data without a status in track 1, at byte 23"),
        (smf(b"\x81\x80\x80\x80\x00\x90\x45\x64" + END), "is damaged: track 1 has a number of more than 4 bytes"),
        (smf(b"\x00\xff\x01\xff\xff\xff\x7f" + END), "is damaged: track 1 ends within an event"),
        (smf(b"\xff\xff\xff\x7f\x90\x45\x64" + END, division=1), "is damaged: it would play for 1553 days"),
    ],
)
def test_what_is_broken_is_one_line_that_names_the_file(tmp_path, data, message):
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


def test_a_file_that_is_too_large_is_not_read_on(tmp_path):
    path = tmp_path / "huge.mid"
    with path.open("wb") as file:
        file.truncate(LONGEST + 1)
    with pytest.raises(MidiFileError, match="is larger than 8 MB"):
        read(path)


SEED = smf(
    TEMPO_60 + b"\x00\xff\x58\x04\x04\x02\x18\x08" + END,
    b"\x00\xff\x03\x05Piano\x00\xc0\x05\x00\xf0\x03\x43\x12\xf7" + NOTE + b"\x20\x45\x50\x60\x45\x00" + END,
    b"\x00\xb1\x40\x7f\x10\xe1\x00\x50\x81\x00\x91\x30\x7f\x40\x30\x00" + END,
)


@settings(max_examples=300, deadline=2_000, derandomize=True)
@given(
    kind=st.integers(0, 2),
    changes=st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, len(SEED)),
    extra=st.binary(max_size=8),
)
def test_no_damage_lets_anything_out_but_a_midi_file_error(tmp_path_factory, kind, changes, cut, extra):
    data = bytearray(SEED)
    data[9] = kind
    for at, value in changes:
        data[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.mid"
    path.write_bytes(data[:cut] + extra + data[cut:] if cut % 2 else data[:cut])
    try:
        made = read(path)
    except MidiFileError:
        return
    frames = events_at(made, 192_000.0)["time"]
    assert np.all(np.diff(frames) >= 0)
    assert np.all(np.diff(made.events["seconds"]) >= 0)
    assert 0 <= made.duration < 31 * 86_400
    assert np.isfinite(made.events["event"]["value"]).all()
