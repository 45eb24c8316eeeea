from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graph import CAPACITY, In, Node, NodeError, Option, Out, Setup, State, clear, kernel
from graph.midi import read
from nodes.dsp.clocks.bars import quantum_at
from nodes.dsp.sequencing.chase import CURSOR, begin_again, begin_chase, chase, chase_tables
from nodes.dsp.sequencing.file_clock import ROUND, SHOWN, clock_tables, in_turn, pass_on, show
from nodes.dsp.sequencing.sequence import GRID, HEAD, MOVED, RESET, RUNNING, follow_reset
from nodes.dsp.sequencing.song import SOUNDING, give, give_due, note_sounding, place_at, place_in, score, silence, take


class MidiFile(Node):
    """Standard MIDI File player: every event at its exact frame, by the file's tempos or as a clip on a clock.

    Without a clock, times follow the file's tempo map, rounded once to frames. With one, the file's beats are the
    clock's: the clip starts at beat 0 and follows ramps, stops and jumps. A loop counts from the first start, so it
    never drifts. After a jump, the last controllers, bends, pressures, parameters and programs before the new position
    are sent, and notes that sound across it start there. `beat` is the file's own clock, for other nodes.
    """

    file = Option("", doc="Path of a .mid file.")
    clock = In(kind="clock", optional=True, doc="Clock to follow instead of the file's own tempo.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the file's beginning.")
    loop = Option(False, doc="Repeat at the end.")
    length = Option(0.0, min=0.0, max=100_000.0, doc="Length of the loop in beats; 0 is the end of the longest track.")
    transpose = Option(0, "semitones", min=-127, max=127, doc="Transposition of all notes.")
    channel = Option(0, min=0, max=16, doc="MIDI channel to play, 1 .. 16; 0 plays all.")
    chase = Option(True, doc="Start notes that sound across a jump.")
    out = Out(kind="events", doc="Notes, controllers, bends, pressures and programs.")
    beat = Out(kind="clock", doc="The file's beat and tempo, or those of `clock`, with the file's time signatures.")

    times = State(ndim=1, dtype=np.float64, constant=True, doc="Frames, or with a clock beats.")
    events = State(ndim=2, dtype=np.float32, constant=True)
    until = State(ndim=1, dtype=np.int32, constant=True)
    lasting = State(ndim=1, dtype=np.int32, constant=True)
    lists = State(ndim=1, dtype=np.int64, constant=True)
    tempos = State(ndim=2, dtype=np.float64)
    bars = State(ndim=2, dtype=np.float64)
    lengths = State((2,), np.float64, doc="Length of the loop in frames and in beats.")
    late = State((1,), np.float64, doc="Delay of the first frame after its bar, in frames.")
    place = State((3,), np.int64, doc="Frame, next event, completed passes.")
    chasing = State((CURSOR,), np.float64)
    shown = State((SHOWN,), np.int64)
    sounding = State((SOUNDING,), np.uint8, keeps=True)
    head = State((HEAD,), np.float64)
    done = State((1,), np.int64)

    _odd: Sequence[str] = ()

    def validate(self) -> Any:
        if not self.options["file"]:
            raise NodeError(f"{self.label}.file: name the MIDI file to play, such as file: song.mid")
        song = read(self.options["file"])
        self._odd = song.warnings
        return song

    def doubts(self) -> Sequence[str]:
        return [f"{self.label}.file: {each}" for each in self._odd]

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        options, song, rate, loop = self.options, self.validate(), setup.sample_rate, self.options["loop"]
        alone = "clock" not in self.inputs
        tables = score(song, rate, options["length"], options["channel"], options["transpose"], by_beat=not alone)
        place, chasing, late = [0, 0, 0], [-1, 0, 0, 0], max(setup.start.late(rate), 0.0)
        if alone and setup.gone:
            place = place_at(tables["times"], tables["lengths"][0], setup.gone, loop)
            begin_chase(chasing, place, setup.gone + 0.5, tables["lengths"][0])
        tables |= clock_tables(song, rate)
        del song  # a file may have millions of events
        tables |= chase_tables(tables)
        return {**tables, "place": place, "chasing": chasing, "late": [late]}

    @kernel(double=True)
    def process(block):
        place, out, head, sounding, loop = block.place, block.out, block.head, block.sounding, block.loop
        chasing, rate, length = block.chasing, float(block.sample_rate), block.lengths[0]
        now = block.times, block.events, block.until, block.lasting, block.lists
        clear(out)
        clear(block.beat.changes)
        if block.clock.tempo[0] <= 0.0:
            for frame in range(block.frames):
                reset = block.reset[frame, 0]
                if reset > 0.5 and not head[RESET] > 0.5:
                    begin_again(out, place, chasing, sounding, frame)
                    block.shown[ROUND] = -1  # the clock reports a jump
                head[RESET] = reset
                show(block.beat, frame, block.tempos, block.shown, place[0] - block.late[0], length, loop, rate)
                block.late[0] = 0.0
                if chase(out, now, chasing, sounding, frame, block.chase):
                    for _ in range(CAPACITY):
                        due = np.floor(take(block.times, place, length, loop) + 0.5)
                        if due > place[0] or out.count[0] == CAPACITY:
                            break
                        note_sounding(sounding, block.events[place[1]])
                        give(out, block.events[place[1]], frame)
                        place[1] += 1
                place[0] += 1
            show(block.beat, block.frames, block.tempos, block.shown, float(place[0]), length, loop, rate)
        else:
            pass_on(block.beat, block.clock, block.frames)
            for frame in range(block.frames):
                reset = block.reset[frame, 0]
                beat = follow_reset(block.clock, head, frame, 120.0, block.sample_rate, reset, GRID)
                if head[MOVED] != 0.0:
                    silence(out, sounding, frame)
                    place_in(block.times, place, beat, block.lengths[1], loop)
                    begin_chase(chasing, place, beat, block.lengths[1])
                if head[RUNNING] == 0.0 or not chase(out, now, chasing, sounding, frame, block.chase):
                    continue
                give_due(out, block.times, block.events, place, beat, block.lengths[1], loop, sounding, frame)
        block.beat.quantum[0] = quantum_at(block.bars, in_turn(block.beat.beat[0], block.lengths[1], loop))
        block.done[0] = 1 if place[1] == block.times.shape[0] and (place[1] == 0 or not loop) else 0
