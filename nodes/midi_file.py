"""A Standard MIDI File as a source of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graph import CAPACITY, In, Node, NodeError, Option, Out, Setup, State, clear, kernel
from graph.midi import read
from nodes.dsp.sequencing.sequence import EARLY, HEAD, MOVED, RUNNING, follow
from nodes.dsp.sequencing.song import SOUNDING, give, in_beats, lengths, note_sounding, place_in, silence, table, take


class MidiFile(Node):
    """Plays a Standard MIDI File, every event at its exact frame: by its own tempo, or as a clip by a clock.

    With no clock connected, times come from the file's own tempo, rounded once to frames. With one, the beats
    of the file are those of the clock, and its tempo is that of the clock: the clip lies at beat 0 and follows
    ramps, stops and jumps, where its notes end. A loop is counted from the first start, so it never drifts.
    What exceeds the events of one block is not lost but comes in the next.
    """

    file = Option("", doc="Path of a .mid file.")
    clock = In(kind="clock", optional=True, doc="Clock to follow instead of the file's own tempo.")
    loop = Option(False, doc="Begin again at the end.")
    length = Option(0.0, min=0.0, max=100_000.0, doc="Beats of the loop; 0 is where the file's longest track ends.")
    transpose = Option(0, "semitones", min=-127, max=127, doc="How far up to play all notes.")
    channel = Option(0, min=0, max=16, doc="The one channel to play, 1 .. 16; 0 plays all.")
    out = Out(kind="events", doc="Notes, controllers, bends, pressures and programs.")

    times = State(ndim=1, dtype=np.float64)
    events = State(ndim=2, dtype=np.float64)
    beats = State(ndim=1, dtype=np.float64)
    by_beat = State(ndim=2, dtype=np.float64)
    lengths = State((2,), np.float64, doc="Of the loop, in frames and in beats.")
    place = State((3,), np.int64, doc="Frame, next event, times played.")
    sounding = State((SOUNDING,), np.uint8, keeps=True)
    head = State((HEAD,), np.float64)
    done = State((1,), np.int64)

    _odd: Sequence[str] = ()

    def verify(self) -> None:
        self._song()

    def _song(self) -> Any:
        if not self.options["file"]:
            raise NodeError(f"{self.label}.file: say which MIDI file to play, such as file: song.mid")
        song = read(self.options["file"])
        self._odd = song.warnings
        return song

    def doubts(self) -> Sequence[str]:
        return [f"{self.label}.file: {each}" for each in self._odd]

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        song, channel, transpose = self._song(), self.options["channel"], self.options["transpose"]
        seconds, beats = lengths(song, self.options["length"])
        frames, ticks = max(seconds * setup.sample_rate, 1.0), float(song.ppq)
        cut = self.options["length"] > 0
        times, events = table(song, setup.sample_rate, channel, transpose, np.rint(frames) if cut else np.inf)
        at, by_beat = table(in_beats(song), ticks, channel, transpose, np.rint(beats * ticks) if cut else np.inf)
        tables = {"times": times, "events": events, "beats": at / ticks, "by_beat": by_beat}
        return {**tables, "lengths": [frames, max(beats, 1.0 / ticks)]}

    @kernel(double=True)
    def process(block):
        place, out, head, sounding, loop = block.place, block.out, block.head, block.sounding, block.loop
        clear(out)
        if block.clock.tempo[0] <= 0.0:
            for _ in range(CAPACITY):
                time = np.floor(take(block.times, place, block.lengths[0], loop) + 0.5)
                if time >= place[0] + block.frames:
                    break
                give(out, block.events[place[1]], max(int(time) - place[0], 0))
                place[1] += 1
            place[0] += block.frames
        else:
            for frame in range(block.frames):
                beat = follow(block.clock, head, frame, 120.0, block.sample_rate)
                if head[MOVED] != 0.0:
                    silence(out, sounding, frame)
                    place_in(block.beats, place, beat, block.lengths[1], loop)
                for _ in range(CAPACITY):
                    due = take(block.beats, place, block.lengths[1], loop)
                    if head[RUNNING] == 0.0 or due > beat + EARLY or out.count[0] == CAPACITY:
                        break
                    note_sounding(sounding, block.by_beat[place[1]])
                    give(out, block.by_beat[place[1]], frame)
                    place[1] += 1
        count = block.times.shape[0]
        block.done[0] = 1 if place[1] == count and (count == 0 or not loop) else 0
