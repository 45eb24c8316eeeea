from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.envelopes.dynamics import ahead, loudest, per_frame, turned
from nodes.dsp.math.functions import clamp, decibels, ratio

SWING = 0.01
"""Half a period of 50 Hz in seconds: a longer drop is a softer signal, not the gap between two peaks."""


class Compressor(Node, family="Dynamics"):
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
    line = State(ndim=2)
    delay = State((1,), np.int64)
    given = State((1,), np.int64, doc="1 if the sidechain is connected.")
    at = State((1,), np.int64)
    peak = State(doc="Gain reduction with instant attack, in dB.")
    below = State(doc="Seconds since the signal last required the current reduction.")
    cut = State(doc="Gain reduction in dB.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {**ahead(self.options["lookahead"], setup), "given": [1 if "sidechain" in self.inputs else 0]}

    @kernel
    def process(block):
        voices, channels, rate = block.voices, block.channels, block.sample_rate
        line, delay, at, peak, cut = block.line, block.delay[0], block.at[0], block.peak, block.cut
        for frame in range(block.frames):
            for voice in range(voices):
                level = loudest(block.audio, frame, voice, voices, channels)
                level = loudest(block.sidechain, frame, voice, voices, channels) if block.given[0] else level
                over = decibels(level) - clamp(block.threshold[frame, voice], -80.0, 0.0)
                knee = clamp(block.knee[frame, voice], 0.0, 40.0)
                bend = clamp(over + 0.5 * knee, 0.0, knee)
                above = over - 0.5 * knee
                bent = 0.5 * bend * bend / (knee if knee > 1e-6 else 1e-6) + (above if above > 0.0 else 0.0)
                asked = bent * (1.0 - 1.0 / clamp(block.ratio[frame, voice], 1.0, 100.0))
                falling = per_frame(clamp(block.release[frame, voice], 0.001, 5.0), rate)
                now = peak[voice] + (asked - peak[voice]) * falling
                peak[voice] = now if now > asked else asked
                rising = per_frame(clamp(block.attack[frame, voice], 0.0, 1.0), rate)
                block.below[voice] = 0.0 if asked >= cut[voice] else block.below[voice] + 1.0 / rate
                if block.below[voice] > SWING:
                    peak[voice] = min(peak[voice], cut[voice])
                cut[voice] = min(cut[voice] + (peak[voice] - cut[voice]) * rising, peak[voice])
                block.reduction[frame, voice] = cut[voice]
                gain = ratio(clamp(block.makeup[frame, voice], -24.0, 48.0) - cut[voice])
                for channel in range(channels):
                    lane = channel * voices + voice
                    block.out[frame, lane] = gain * turned(line, at, delay, lane, block.audio[frame, lane])
            at += 1
        block.at[0] = at
