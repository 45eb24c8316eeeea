"""The stages of an envelope: how long they last and how they curve.

A stage's shape falls from 1 to exactly 0: an exponential towards a little below 0, shifted and
scaled. A rise is an RC circuit charging towards 4/3 of its way, a fall is one of 60 dB.
"""

from __future__ import annotations

from graph import helper
from nodes.dsp.functions import clamp, exp2


@helper
def stage_frames(attack, decay, release, up, decays, sample_rate):
    """Frames of the present stage, at least one; the times are in seconds."""
    time = decay if decays else attack
    time = time if up else release
    time = clamp(time, 0.0, 60.0) * sample_rate
    return time if time > 1.0 else 1.0


@helper
def undershoot(rises):
    """How far below 0 the exponential aims."""
    return 0.3333333333333333 if rises else 0.0009775171065493646


@helper
def octaves(rises):
    """How often the exponential halves within a stage."""
    return 2.0 if rises else 10.0


@helper
def shape_after(frames, total, rises):
    """The shape `frames` into a stage of `total`."""
    low = undershoot(rises)
    return (1.0 + low) * exp2(-octaves(rises) * frames / total) - low


@helper
def shape_ratio(total, rises):
    """The recursion: the next shape is ratio x (shape + undershoot) - undershoot."""
    return exp2(-octaves(rises) / total)
