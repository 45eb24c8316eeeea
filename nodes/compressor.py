from __future__ import annotations

from graph import In, Option, Out, State, within
from nodes.dsp.envelopes.dynamics import LookAhead, looking_ahead, moved_ahead, per_frame
from nodes.dsp.math.functions import clamp, decibels
from nodes.dsp.math.functions import ratio as gain_of

SWING = 0.01
"""Half a period of 50 Hz in seconds: a longer drop is a softer signal, not the gap between two peaks."""


class Compressor(LookAhead):
    """Feed-forward compressor: reduces the level of a signal above the threshold.

    The gain computer works in decibels with a parabolic knee, followed by a decoupled peak detector as in Giannoulis,
    Massberg, Reiss, "Digital dynamic range compressor design", JAES 2012, which has little distortion and no lag in
    the attack. Unlike theirs, the attack smooths rising gain reduction only, so the release does not depend on it.
    All channels of a voice share one gain.
    """

    audio = In(doc="Signal to compress.")
    sidechain = In(optional=True, doc="Detector input; the signal itself if not connected.")
    threshold = In(-18, "dB", -80, 0, doc="Level above which compression begins.")
    ratio = In(4, "", 1, 100, curve="log", doc="Input change in dB per dB of output change; 100 is nearly a limiter.")
    knee = In(6, "dB", 0, 40, doc="Width of the soft knee around the threshold.")
    attack = In(0.005, "s", 0, 1, curve="log", doc="Time constant of gain reduction.")
    release = In(0.15, "s", 0.001, 5, curve="log", doc="Time constant of gain recovery.")
    makeup = In(0, "dB", -24, 48, ramp=0.03, doc="Makeup gain.")
    lookahead = Option(0.0, "s", min=0, max=0.05, doc="Look-ahead: `out` is late by this time.")
    out = Out(doc="Compressed signal.")
    reduction = Out("dB", channels=1, doc="Gain reduction without makeup; 6 dB means half the amplitude.")
    line, delay, at, given = looking_ahead()
    peak = State(doc="Gain reduction with instant attack, in dB.")
    below = State(doc="Seconds since the signal last required the current reduction.")
    cut = State(doc="Gain reduction in dB.")

    @within(moved_ahead, "level")
    def process(level, threshold, ratio, knee, attack, release, makeup, peak, below, cut, sample_rate):
        over = decibels(level) - threshold
        bend = clamp(over + 0.5 * knee, 0.0, knee)
        above = over - 0.5 * knee
        bent = 0.5 * bend * bend / (knee if knee > 1e-6 else 1e-6) + (above if above > 0.0 else 0.0)
        asked = bent * (1.0 - 1.0 / ratio)
        now = peak + (asked - peak) * per_frame(release, sample_rate)
        peak = now if now > asked else asked
        below = 0.0 if asked >= cut else below + 1.0 / sample_rate
        peak = min(peak, cut) if below > SWING else peak
        cut = min(cut + (peak - cut) * per_frame(attack, sample_rate), peak)
        return gain_of(makeup - cut), cut, peak, below, cut
