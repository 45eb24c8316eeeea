from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.envelopes.dynamics import PAIR, ahead, loudest, per_frame, turned
from nodes.dsp.math.functions import clamp, decibels, ratio


class Gate(Node, family="Dynamics"):
    """Noise gate: passes loud signals and mutes soft ones, such as hum between words or bleed between drum hits.

    It opens at the threshold and closes `hold` after the level drops 4 dB below it, so decays do not cause chatter.
    All channels of a voice open together. With `lookahead` the gate opens before the hit that triggers it.
    """

    audio = In(doc="Signal to gate.")
    sidechain = In(optional=True, doc="Detector input; the signal itself if not connected.")
    threshold = In(-40, "dB", -100, 0, doc="Level at which the gate opens.")
    floor = In(-80, "dB", -100, 0, ramp=0.02, doc="Gain while closed; -100 dB is silence.")
    attack = In(0.001, "s", 0.0005, 1, curve="log", doc="Time constant of opening.")
    hold = In(0.05, "s", 0, 5, curve="log", doc="Time the gate stays open after the last loud sample.")
    release = In(0.1, "s", 0.0005, 5, curve="log", doc="Time constant of closing.")
    lookahead = Option(0.0, "s", min=0, max=0.05, doc="Look-ahead; delays the signal by this time.")
    out = Out(doc="Gated signal.")
    reduction = Out("dB", channels=1, doc="Gain reduction: 0 dB open, 80 dB closed at a floor of -80 dB; at most 100.")
    line = State(ndim=2)
    delay = State((1,), np.int64)
    given = State((1,), np.int64, doc="1 if the sidechain is connected.")
    at = State((1,), np.int64)
    quiet = State(initial=1e9, doc="Seconds since the last loud sample.")
    gain = State(doc="0 closed, 1 open.")
    smooth = State(doc="`gain` after a second smoothing stage, which rounds its corners.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {**ahead(self.options["lookahead"], setup), "given": [1 if "sidechain" in self.inputs else 0]}

    @kernel
    def process(block):
        voices, channels, rate = block.voices, block.channels, block.sample_rate
        line, delay, at = block.line, block.delay[0], block.at[0]
        step = 1.0 / rate
        for frame in range(block.frames):
            for voice in range(voices):
                level = loudest(block.audio, frame, voice, voices, channels)
                level = loudest(block.sidechain, frame, voice, voices, channels) if block.given[0] else level
                hold = clamp(block.hold[frame, voice], 0.0, 5.0)
                opens = ratio(clamp(block.threshold[frame, voice], -100.0, 0.0))
                open_still = block.quiet[voice] <= hold
                loud = level >= (0.63 * opens if open_still else opens)
                block.quiet[voice] = 0.0 if loud else block.quiet[voice] + step
                target = 1.0 if block.quiet[voice] <= hold else 0.0
                time = block.attack[frame, voice] if target > 0.0 else block.release[frame, voice]
                time = clamp(time, 0.0005, 5.0)
                soft = min(np.float32(0.0005), PAIR * time)
                first = time - soft * (1.0 + 0.313 * soft / time)  # together they reach 63 % in `time`
                block.gain[voice] += (target - block.gain[voice]) * per_frame(first, rate)
                block.smooth[voice] += (block.gain[voice] - block.smooth[voice]) * per_frame(soft, rate)
                floor = clamp(block.floor[frame, voice], -100.0, 0.0)
                rest = ratio(floor) if floor > -100.0 else np.float32(0.0)
                gain = rest + (1.0 - rest) * block.smooth[voice]
                block.reduction[frame, voice] = -decibels(clamp(gain, 1e-5, 1.0))
                for channel in range(channels):
                    lane = channel * voices + voice
                    block.out[frame, lane] = gain * turned(line, at, delay, lane, block.audio[frame, lane])
            at += 1
        block.at[0] = at
