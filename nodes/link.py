"""Ableton Link: a beat shared over the network."""

from __future__ import annotations

import numpy as np

from graph import JUMP, START, STOP, In, Node, Option, Out, Source, State, clear, emit, kernel
from nodes.dsp.clocks.beats import beat_at
from nodes.dsp.clocks.link_session import ask, bars_below, beat_of, heard_time, knock, nearest_bars
from nodes.dsp.math.functions import clamp

OWN, BEAT, ORIGIN, PACE, TOLD, PLAYED = 0, 1, 2, 3, 4, 5
"""Fields of `place`: 0 for the internal clock or 1 for a session, beat of the next frame, whole bars subtracted
from the session's beat, internal tempo, and the previous inputs (playing plus 1)."""
GLIDE, STEP = 0.01, 0.25
"""Beats: an error below GLIDE is spread over a block; one above STEP is a jump."""


class Link(Node, family="Notes and time"):
    """Clock of an Ableton Link session: the beat at the time each frame reaches the output.

    It joins without changing the session's tempo. If it is alone, its tempo becomes the session's; a `tempo`
    changed while playing is proposed to all peers. Beats count from the node's start, in phase with the peers' bars
    of `quantum` beats. Without a session, in an offline render, and with `--no-link`, the clock runs freely.
    """

    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", rate="block", ramp=0.0, voices=1, channels=1, doc="Local tempo.")
    playing = In(1.0, "", 0.0, 1.0, rate="block", ramp=0.0, voices=1, channels=1, doc="Runs while above 0.5.")
    offset = In(0.0, "s", -0.5, 0.5, rate="block", voices=1, channels=1, doc="Time to play ahead.")
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats per bar, in phase with all peers.")
    start_stop_sync = Option(False, doc="Syncs start and stop with the session in both directions.")
    link = Source("link", doc="Link session.")
    moment = Source("moment", doc="Output time of this block.")
    out = Out(kind="clock", doc="Beat, tempo, bar length, and each start, stop and jump.")

    place = State((6,), np.float64)
    anchor = State((3,), np.float64)
    door = State((2,), np.int64)
    running = State((1,), np.int64)
    wanted = State((3,), np.float64, doc="Tempo and playing (plus 1) to request, 0 for neither; frames to wait.")

    @kernel(double=True)
    def process(block):
        out, link, moment, place, wanted = block.out, block.link[0], block.moment[0], block.place, block.wanted
        rate, quantum, frames = float(block.sample_rate), max(float(block.quantum), 0.25), block.frames
        tempo = clamp(float(block.tempo[0]), 20.0, 999.0)
        played = 2 if block.playing[0] > 0.5 else 1
        clear(out.changes)
        out.quantum[0] = block.quantum
        ahead = clamp(float(block.offset[0]), -0.5, 0.5) * 1e9
        start = heard_time(moment, 0) + ahead
        synced = block.start_stop_sync != 0
        beat = place[BEAT]
        if tempo != place[TOLD]:
            place[PACE] = tempo
        joined = moment.period > 0.0 and link.tempo > 0.0
        fresh = joined and place[OWN] == 0.0
        if not joined:
            block.door[0] = 0
        if fresh:
            beat = beat_at(block.anchor, place[PACE], rate)
            playing = played - 1 if synced else -1
            joined = knock(link, block.door, beat, tempo, playing, start, frames, rate)
        elif joined:
            wanted[0] = tempo if tempo != place[TOLD] else wanted[0]
            wanted[1] = played if played != place[PLAYED] else wanted[1]
            ask(link, wanted, synced, frames, rate)
        place[TOLD], place[PLAYED] = tempo, played
        synced = synced and joined
        place[PACE] = link.tempo if joined else place[PACE]
        pace = place[PACE]
        step = 0.0
        jumped = False
        if joined:
            step = moment.period * pace / 60e9
            session = beat_of(link, start)
            error = session - place[ORIGIN] - beat
            if fresh:
                place[ORIGIN] = bars_below(session - beat - GLIDE, quantum)
                error = session - place[ORIGIN] - beat
            elif abs(error) > STEP:
                place[ORIGIN] = nearest_bars(session - beat, quantum)
                error = session - place[ORIGIN] - beat
            jumped = abs(error) > STEP
            if abs(error) > GLIDE:
                beat += error
                error = 0.0
            step = max(step + error / frames, 0.0)
        else:
            beat = beat_at(block.anchor, pace, rate)
        place[OWN] = 1.0 if joined else 0.0
        for frame in range(frames):
            runs = played == 2
            if synced:
                runs = block.running[0] != 0
                if heard_time(moment, frame) + ahead >= link.since:
                    runs = link.playing != 0
                if runs and block.running[0] == 0:  # beat 0 is the first bar after the start
                    origin = np.ceil(beat_of(link, link.since) / quantum - 1e-3) * quantum
                    beat += place[ORIGIN] - origin
                    place[ORIGIN] = origin
            if runs != (block.running[0] != 0):
                emit(out.changes, frame, START if runs else STOP, 0, 0, 0.0, beat)
                block.running[0] = 1 if runs else 0
            elif jumped:
                emit(out.changes, frame, JUMP, 0, 0, 0.0, beat)
            jumped = False
            out.beat[frame] = beat
            out.tempo[frame] = pace
            out.playing[frame] = 1 if runs else 0
            if not joined:
                block.anchor[1] += block.running[0]
                beat = beat_at(block.anchor, pace, rate)
            beat += step
        if joined:
            block.anchor[0], block.anchor[1], block.anchor[2] = beat, 0.0, pace
        place[BEAT] = beat
        out.beat[frames] = beat
