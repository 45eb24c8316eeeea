from __future__ import annotations

from graph import In, Node, Out, State, kernel
from nodes.dsp.envelopes.dynamics import PAIR, loudest, per_frame
from nodes.dsp.math.functions import clamp, ratio


class Ducker(Node, family="Dynamics"):
    """Makes room: the signal goes down by `depth` while another one sounds, such as music under a voice.

    Not a compressor: however loud the other one is, it always goes down by the same, and stays there for
    `hold` over the gaps between words or kicks. The gain moves in decibels, behind two smoothings, so that it
    is heard as a swell and not as a switch. All channels of a voice share a gain.
    """

    audio = In(doc="Signal to lower.")
    sidechain = In(doc="Signal that makes it go down.")
    threshold = In(-40, "dB", -100, 0, doc="Level of the other one at which it goes down.")
    depth = In(12, "dB", 0, 80, ramp=0.02, doc="How far down.")
    attack = In(0.01, "s", 0.001, 5, curve="log", doc="Time constant of going down.")
    hold = In(0.1, "s", 0, 10, curve="log", doc="How long it stays down after the last loud moment.")
    release = In(0.25, "s", 0.001, 10, curve="log", doc="Time constant of coming back.")
    out = Out(doc="The signal, lowered where the other one sounds.")
    reduction = Out("dB", channels=1, doc="Gain reduction; 6 dB means half the amplitude.")
    quiet = State(initial=1e9, doc="Seconds since the last loud moment.")
    first = State(doc="Part of the depth.")
    second = State(doc="The same behind a second smoothing.")

    @kernel
    def process(block):
        voices, channels, rate = block.voices, block.channels, block.sample_rate
        step = 1.0 / rate
        for frame in range(block.frames):
            for voice in range(voices):
                level = loudest(block.sidechain, frame, voice, voices, channels)
                loud = level >= ratio(clamp(block.threshold[frame, voice], -100.0, 0.0))
                block.quiet[voice] = 0.0 if loud else block.quiet[voice] + step
                target = 1.0 if block.quiet[voice] <= clamp(block.hold[frame, voice], 0.0, 10.0) else 0.0
                time = block.attack[frame, voice] if target > 0.0 else block.release[frame, voice]
                part = per_frame(PAIR * clamp(time, 0.001, 10.0), rate)
                block.first[voice] += (target - block.first[voice]) * part
                block.second[voice] += (block.first[voice] - block.second[voice]) * part
                cut = clamp(block.depth[frame, voice], 0.0, 80.0) * block.second[voice]
                block.reduction[frame, voice] = cut
                gain = ratio(-cut)
                for channel in range(channels):
                    lane = channel * voices + voice
                    block.out[frame, lane] = gain * block.audio[frame, lane]
