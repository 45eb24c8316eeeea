from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.envelopes.dynamics import ahead, loudest, per_frame, turned
from nodes.dsp.math.functions import clamp, decibels, ratio


class Compressor(Node, family="Dynamics"):
    """Evens out levels: what is above the threshold comes out softer, what is below stays.

    Feed-forward, in decibels, with a parabola for a knee, and the smooth decoupled peak detector behind the
    gain curve: of the layouts in Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES
    2012, the one with the least distortion and no lag in the attack. All channels of a voice share a gain.
    """

    audio = In(doc="Signal to compress.")
    sidechain = In(optional=True, doc="Signal that decides; the signal itself where nothing is connected.")
    threshold = In(-18, "dB", -80, 0, doc="Level above which it works.")
    ratio = In(4, "", 1, 100, curve="log", doc="Decibels in for one decibel out; 100 is nearly a limiter.")
    knee = In(6, "dB", 0, 40, doc="Width of the bend around the threshold.")
    attack = In(0.005, "s", 0, 1, curve="log", doc="Time constant of coming down.")
    release = In(0.15, "s", 0.001, 5, curve="log", doc="Time constant of going back.")
    makeup = In(0, "dB", -24, 48, ramp=0.03, doc="Level added behind it.")
    lookahead = Option(0.0, "s", min=0, max=0.05, doc="By how much the signal waits for its gain.")
    out = Out(doc="Compressed signal.")
    line = State(ndim=2)
    delay = State((1,), np.int64)
    given = State((1,), np.int64, doc="1 where something is connected to the side-chain.")
    at = State((1,), np.int64)
    peak = State(doc="Reduction with the attack at once.")
    cut = State(doc="Reduction in decibels.")

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
                cut[voice] += (peak[voice] - cut[voice]) * rising
                gain = ratio(clamp(block.makeup[frame, voice], -24.0, 48.0) - cut[voice])
                for channel in range(channels):
                    lane = channel * voices + voice
                    block.out[frame, lane] = gain * turned(line, at, delay, lane, block.audio[frame, lane])
            at += 1
        block.at[0] = at
