from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, inline, per_voice
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, past, put
from nodes.dsp.delays.pitch_splice import POINTS, best_jump
from nodes.dsp.math.functions import clamp, exp2


class PitchShift(Node):
    """Pitch shifter: transposes audio without changing its speed, for harmonies, octaves and tuning.

    A delay line is read faster or slower. When the read head reaches its end, it jumps to the most similar waveform
    (Verhelst and Roelands, "WSOLA", 1993); with plain crossfades at fixed positions a steady tone would beat by up
    to 100 %. A phase vocoder needs no jumps, but smears attacks and has the latency of a window twice as long. Both
    sides jump together, which keeps the stereo image. The dry signal and `shift` 0 are delayed by exactly 0.75 `grain`,
    the mean delay of the shifted signal, so a mix does not comb.
    """

    audio = In(voices=1, channels=2, doc="Signal to transpose.")
    shift = In(12, "semitones", -24, 24, ramp=0.02, voices=1, channels=1, doc="Transposition; positive is up.")
    mix = In(
        1, "", 0, 1, ramp=0.01, voices=1, channels=1,
        doc="Wet/dry mix: 0 is dry, 1 shifted; both have the same mean delay.",
    )  # fmt: skip
    grain = Option(0.025, "s", 0.005, 0.1, doc="Longest period detected: shorter has less latency, longer tracks bass.")
    out = Out(voices=1, channels=2, doc="Pitch-shifted signal; latency 900 frames at 48 kHz: 0.75 `grain`.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64, counts=2**30)
    head = State(shape=3, doc="Delays of the outgoing and the incoming head, and progress of their crossfade.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        line = new_line(2, (6 * self.grain + POINTS / 12_000) * setup.sample_rate + 64)
        return {"line": line, "head": [0, 0, 1]}

    @per_voice
    def process(audio, shift, mix, grain, line, write, head, sample_rate):
        left, right = audio
        put(line, 0, write, left)
        put(line, 1, write, right)
        grain = grain * sample_rate
        move(line, head, write, 1.0 - exp2(shift * 0.08333333), grain, sample_rate)
        return blend(line, head, 0, write, mix, grain), blend(line, head, 1, write, mix, grain)


@inline
def move(line, head, write, drift, grain, rate):
    """Moves both heads by a frame; where the one that goes runs out of line, the other sets out from the best place."""
    low, high, latency = int(0.5 * grain), int(1.5 * grain), int(0.75 * grain)
    # Faster heads crossfade sooner, so that the outgoing head does not run out of line.
    join = np.floor(0.4 * grain / max(abs(drift), np.float32(1.0))) + 1.0
    room = NEAREST + 1.0 - min(drift, np.float32(0.0)) * join
    if head[1] == 0.0:
        head[1] = room if drift != 0.0 else np.float32(latency)
    old, new, fade = head[0] + drift, head[1] + drift, head[2]
    if fade >= 1.0:
        runs_out = drift < 0.0 and new < room
        if drift == 0.0 and new != np.float32(latency):
            old, new, fade = new, np.float32(latency), np.float32(0.0)
        elif runs_out or new > NEAREST + np.float32(high) + 1.0:
            old = new
            fade = np.float32(0.0)
            stride = max(1, int(rate / 12_000.0))
            jump = best_jump(line, write - np.int64(new), -1 if runs_out else 1, low, high, stride)
            new = new + (jump if runs_out else -jump)
    end = longest(line)
    head[0], head[1] = clamp(old, NEAREST, end), clamp(new, NEAREST, end)
    head[2] = min(fade + 1.0 / join, np.float32(1.0))


@inline
def blend(line, head, side, write, mix, grain):
    """One side: from the head that goes to the one that comes, and from the dry signal to both."""
    heard = listen(line, side, write, head[1])
    if head[2] < 1.0:
        last = listen(line, side, write, head[0])
        heard = last + smooth(head[2]) * (heard - last)
    dry = past(line, side, write, int(0.75 * grain))
    return dry + mix * (heard - dry)
