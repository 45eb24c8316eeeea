from __future__ import annotations

from graph import In, Node, Out, State, kernel
from nodes.dsp.envelopes.dynamics import PAIR, loudest, per_frame
from nodes.dsp.math.functions import clamp, ratio


class Ducker(Node, family="Dynamics"):
    """Ducker: lowers a signal by `depth` while another sounds, such as music under a voice.

    Unlike a compressor it always lowers by the same amount, however loud the sidechain is, and holds through the
    gaps between words or kicks for `hold`. The gain moves in decibels through two smoothing stages, so it sounds
    like a fade and not like a switch. All channels of a voice share one gain.
    """

    audio = In(doc="Signal to duck.")
    sidechain = In(doc="Signal that triggers the ducking.")
    threshold = In(-40, "dB", -100, 0, doc="Sidechain level that triggers the ducking.")
    depth = In(12, "dB", 0, 80, ramp=0.02, doc="Gain reduction.")
    attack = In(0.01, "s", 0.001, 5, curve="log", doc="Time constant of gain reduction.")
    hold = In(0.1, "s", 0, 10, curve="log", doc="Time after the last loud sample before the release.")
    release = In(0.25, "s", 0.001, 10, curve="log", doc="Time constant of gain recovery.")
    out = Out(doc="Ducked signal.")
    reduction = Out("dB", channels=1, doc="Gain reduction; 6 dB means half the amplitude.")
    quiet = State(initial=1e9, doc="Seconds since the last loud sample.")
    first = State(doc="Depth after the first smoothing stage, 0 .. 1.")
    second = State(doc="Depth after the second smoothing stage.")

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
