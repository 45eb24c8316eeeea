"""A Link session as seen by a node: the beat at which a frame is played, and requests to the session."""

from __future__ import annotations

import numpy as np

from graph import inline

PATIENCE = 0.02
"""Minimum seconds between requests, because each overwrites the previous one."""


@inline(double=True)
def heard_time(moment, frame):
    """[audio] Host time at which a frame of this block is played."""
    return moment.time + moment.output + (moment.now + frame - moment.frame) * moment.period


@inline(double=True)
def beat_of(link, time):
    """[audio] Beat of the session at a host time."""
    return link.beat + (time - link.time) * link.tempo / 60e9


@inline(double=True)
def bars_below(beats, quantum):
    """[audio] `beats` rounded up to whole bars: subtracting them puts the beat at or before its old position."""
    return np.ceil(beats / quantum - 1e-9) * quantum


@inline(double=True)
def nearest_bars(beats, quantum):
    """[audio] `beats` rounded to the nearest whole bar."""
    return np.floor(beats / quantum + 0.5) * quantum


@inline(double=True)
def ask(link, wanted, synced, frames, rate):
    """[audio] Sends the `wanted` change once the previous request has had time to be read."""
    wanted[2] = max(wanted[2] - frames, 0.0)
    if wanted[2] > 0.0:
        return
    playing = -1
    if synced and wanted[1] > 0.0:
        playing = 1 if wanted[1] > 1.5 else 0
    if wanted[0] > 0.0 or playing >= 0:
        request(link, wanted[0], playing, 0.0)
        wanted[2] = PATIENCE * rate
    wanted[0] = 0.0
    wanted[1] = 0.0


@inline(double=True)
def request(link, tempo, playing, time):
    """[audio] Writes a request; tempo 0 leaves the tempo, playing -1 leaves start and stop."""
    link.ask_tempo = tempo
    link.ask_playing = playing
    link.ask_time = time
    link.bring = 0
    link.asked += 1


@inline(double=True)
def knock(link, door, beat, tempo, playing, time, frames, rate):
    """[audio] Joins the session; True once joined. Without peers it proposes its own beat and waits until the session
    has it.

    `door` holds the number of that request (0 before it) and the frames since.
    """
    if door[0] == 0:
        if link.peers > 0:
            return True
        request(link, tempo, playing, time)
        link.ask_beat = beat
        link.bring = 1
        door[0] = link.asked
        door[1] = 0
        return False
    door[1] += frames
    if link.answered < door[0] and door[1] < 0.1 * rate:
        return False
    door[0] = 0
    return True
