from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, inline, per_voice
from nodes.dsp.delays.fractional import NEAREST, listen, new_line, put
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import exp2, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed

HORN, DRUM = 6.7, 5.7
"""Rotor speeds in Hz at `speed` 1."""

RADIUS = (0.19, 0.10)
"""Meters from the axis to the mouth of horn and drum."""

MIC = 0.5
"""Meters from the axis to a microphone."""

SECONDS_A_METRE = 1 / 343


@inline
def heard(line, rotor, write, turns, radius, rate):
    """Signal of a microphone in direction 0 for a rotor at phase `turns`, and how far the rotor faces away (0 .. 1).

    The distance from mouth to microphone follows from the law of cosines; its change is the Doppler shift.
    """
    toward = wave(0.25 - abs(turns - np.rint(turns)))
    way = np.sqrt(MIC * MIC + radius * radius - 2.0 * MIC * radius * toward)
    late = NEAREST + (way - (MIC - radius)) * (SECONDS_A_METRE * rate)
    return listen(line, rotor, write, late) * ((MIC - radius) / way), 0.5 - 0.5 * toward


@inline
def mixed(line, dark, side, write, horn, drum, rate):
    """Horn and drum as one microphone hears them; the horn's treble fades while it faces away."""
    high, away = heard(line, 0, write, horn, np.float32(RADIUS[0]), rate)
    low, behind = heard(line, 1, write, drum, np.float32(RADIUS[1]), rate)
    dull = 1.0 - exp2(-9.0647203 * min(1_500.0, 0.2 * rate) / rate)
    dark[side] += dull * (high - dark[side])
    return high + 0.8 * away * (dark[side] - high) + low * (1.0 - 0.4 * behind)


class Rotary(Node):
    """Rotary speaker: an organ's Leslie cabinet with horn and drum, recorded by two microphones.

    Computed from the geometry: an 800 Hz crossover feeds two rotors, each a mouth on a circle. The distance to each
    microphone sets delay (Doppler shift) and level, and a rotor that faces away sounds duller. Each rotor has its own
    inertia: the horn follows `speed` within about a second, the drum within about four.
    Smith, Serafin, Abel, Berners, "Doppler simulation and the Leslie" (2002).
    """

    audio = In(voices=1, channels=2, doc="Input signal; the channels are summed to mono.")
    speed = In(1, "", 0, 1.5, voices=1, channels=1, doc="Rotor speed: 1 fast (horn at 6.7 Hz), 0.12 slow, 0 stopped.")
    weight = In(1, "", 0.05, 4, curve="log", voices=1, channels=1, doc="Rotor inertia: higher follows `speed` slower.")
    angle = In(90, "degrees", 0, 180, voices=1, channels=1, doc="Angle between the two microphones.")
    drum = In(1, "", 0, 2, voices=1, channels=1, doc="Level of the drum, below 800 Hz.")
    out = Out(voices=1, channels=2, doc="Microphone signals, left and right.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64, counts=2**30)
    charge = State(shape=2)
    turn = State(shape=2, dtype=np.uint32)
    spin = State(shape=2, initial=-1)
    dark = State(shape=2)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"line": new_line(2, 8 + 2 * max(RADIUS) * SECONDS_A_METRE * setup.sample_rate)}

    @per_voice
    def process(audio, speed, weight, angle, drum, line, write, charge, turn, spin, dark, sample_rate):
        left, right = audio
        mono = 0.5 * (left + right)
        band, low, charge[0], charge[1] = svf(mono, 800.0, np.float32(0.5), charge[0], charge[1], sample_rate)
        put(line, 0, write, mono - 2.0 * band - low)
        put(line, 1, write, -low * drum)
        horn, bass = STEP * signed(turn[0]), STEP * signed(turn[1])
        spread = angle * 0.001388888888888889
        out_left = mixed(line, dark, 0, write, horn - spread, bass - spread, sample_rate)
        out_right = mixed(line, dark, 1, write, horn + spread, bass + spread, sample_rate)
        for rotor in range(2):
            spin[rotor] = speed if spin[rotor] < 0.0 else spin[rotor]
            spin[rotor] += (speed - spin[rotor]) * (4.0 if rotor == 0 else 1.0) / (weight * sample_rate)
        turn[0] = advance(turn[0], increment(HORN * spin[0], sample_rate))
        turn[1] = advance(turn[1], np.float32(0.0) - increment(DRUM * spin[1], sample_rate))
        return out_left, out_right
