from __future__ import annotations

from graph import In, Option, Out, State, within
from nodes.dsp.envelopes.dynamics import PAIR, LookAhead, looking_ahead, moved_ahead, per_frame
from nodes.dsp.math.functions import clamp, decibels, ratio


class Gate(LookAhead):
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
    line, delay, at, given = looking_ahead()
    quiet = State(initial=1e9, doc="Seconds since the last loud sample.")
    gain = State(doc="0 closed, 1 open.")
    smooth = State(doc="`gain` after a second smoothing stage, which rounds its corners.")

    @within(moved_ahead, "level")
    def process(level, threshold, floor, attack, hold, release, quiet, gain, smooth, sample_rate):
        opens = ratio(threshold)
        loud = level >= (0.63 * opens if quiet <= hold else opens)
        quiet = 0.0 if loud else quiet + 1.0 / sample_rate
        target = 1.0 if quiet <= hold else 0.0
        time = attack if target > 0.0 else release
        soft = min(0.0005, PAIR * time)
        first = time - soft * (1.0 + 0.313 * soft / time)  # together they reach 63 % in `time`
        gain = gain + (target - gain) * per_frame(first, sample_rate)
        smooth = smooth + (gain - smooth) * per_frame(soft, sample_rate)
        rest = ratio(floor) if floor > -100.0 else 0.0
        heard = rest + (1.0 - rest) * smooth
        return heard, -decibels(clamp(heard, 1e-5, 1.0)), quiet, gain, smooth
