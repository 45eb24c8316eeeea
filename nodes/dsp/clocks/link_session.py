"""A Link session as a node sees it: its beat when a frame is heard, and what is asked of it."""

from __future__ import annotations

import numpy as np

from graph import helper

PATIENCE = 0.02
"""Seconds between two requests, for each overwrites the one before."""


@helper(double=True)
def heard_time(moment, frame):
    """[audio] The host time at which a frame of this block is heard."""
    return moment.time + moment.output + (moment.now + frame - moment.frame) * moment.period


@helper(double=True)
def beat_of(link, time):
    """[audio] The session's beat at a host time."""
    return link.beat + (time - link.time) * link.tempo / 60e9


@helper(double=True)
def bars_below(beats, quantum):
    """[audio] Whole bars, not fewer than `beats`: with them taken away the beat is at or before where it was."""
    return np.ceil(beats / quantum - 1e-9) * quantum


@helper(double=True)
def nearest_bars(beats, quantum):
    """[audio] Whole bars, as near to `beats` as can be."""
    return np.floor(beats / quantum + 0.5) * quantum


@helper(double=True)
def ask(link, wanted, synced, frames, rate):
    """[audio] Hands on what is `wanted`, when what was asked before has had time to be read."""
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


@helper(double=True)
def request(link, tempo, playing, time):
    """[audio] Writes what is asked for; 0 is no tempo, -1 neither start nor stop."""
    link.ask_tempo = tempo
    link.ask_playing = playing
    link.ask_time = time
    link.bring = 0
    link.asked += 1


@helper(double=True)
def knock(link, door, beat, tempo, playing, time, frames, rate):
    """[audio] Joins. Where nobody is, it brings its beat along and waits until the session has it: True when it is in.

    `door` is the number of that request, 0 before it, and the frames since.
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
