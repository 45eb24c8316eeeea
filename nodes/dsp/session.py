"""A Link session as a node sees it: its beat when a frame is heard, and what is asked of it."""

from __future__ import annotations

import numpy as np

from graph import helper

PATIENCE = 0.02
"""Seconds between two requests, each of which overwrites the one before."""


@helper(double=True)
def heard_beat(link, moment, ahead):
    """[audio] The session's beat when the first frame of this block is heard, `ahead` nanoseconds later."""
    time = moment.time + moment.output + (moment.now - moment.frame) * moment.period + ahead
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
    """[audio] Hands on one thing that is `wanted`, when the one before has had time to be read."""
    wanted[2] -= frames
    if wanted[2] > 0.0:
        return
    wanted[2] = 0.0
    playing = synced and wanted[1] > 0.0
    if wanted[0] > 0.0 or playing:
        link.ask_tempo = wanted[0]
        link.ask_playing = -1 if not playing else (1 if wanted[1] > 1.5 else 0)
        link.ask_time = 0.0
        link.asked += 1
        wanted[0] = 0.0
        wanted[1] = 0.0
        wanted[2] = PATIENCE * rate
    elif wanted[1] > 0.0:
        wanted[1] = 0.0
