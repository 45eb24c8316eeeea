from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import clamp, exp2


class Decay(Node, family="Modulation"):
    """Percussive envelope: rises at a trigger, then falls by 60 dB in `time`; it has no gate.

    The fall is computed from the elapsed frames, not from the previous level, so it is still exact after ten
    seconds. A new trigger starts from the current level, so nothing clicks.
    """

    trigger = In(0, doc="Trigger; starts the envelope when it rises above 0.5.")
    time = In(0.5, "s", 0.001, 60, curve="log", doc="Decay time (T60).")
    attack = In(0.001, "s", 0, 10, curve="log", doc="Linear rise to 1; 0 is instant.")
    out = Out(doc="Envelope level, 0 .. 1.")
    before = State()
    rising = State()
    base = State(doc="Level at the start of the rise or fall.")
    count = State(doc="Frames since the start of the rise or fall.")
    length = State(initial=1, doc="Length of the fall in frames.")

    @per_sample
    def process(trigger, time, attack, before, rising, base, count, length, sample_rate):
        struck = (trigger > 0.5) & (before <= 0.5)
        total = time * sample_rate
        ahead = clamp(attack * sample_rate, 1.0, 1e9)
        count = count if (total == length) | (rising > 0.0) else count * (total / length)
        fallen = base * exp2(-9.965784 * count / total)
        risen = base + (1.0 - base) * count / ahead
        level = risen if rising > 0.0 else fallen
        base = level if struck else base
        rising = 1.0 if struck else rising
        count = 1.0 if struck else count + 1.0
        top = (rising > 0.0) & (count >= ahead)
        out = base + (1.0 - base) * clamp(count / ahead, 0.0, 1.0) if rising > 0.0 else level
        base = 1.0 if top else base
        rising = 0.0 if top else rising
        count = 1.0 if top else clamp(count, 0.0, 16777216.0)
        return out, trigger, rising, base, count, total
