from __future__ import annotations

from graph import In, Node, Out, State, per_sample


class SampleHold(Node, family="Modulation"):
    """Takes the signal's value when it is triggered, and keeps it until the next time.

    With noise it is the random melody of old synthesizers, with a slow saw an arpeggio. The value is
    that of the trigger's own frame. Steps are what it makes; a Slew behind it rounds them.
    """

    signal = In(unit="any", doc="What is looked at.")
    trigger = In(0, doc="Rising above 0.5 it takes a value.")
    out = Out("any", doc="The value last taken; 0 before the first.")
    held = State()
    before = State()

    @per_sample
    def process(signal, trigger, held, before):
        held = signal if (trigger > 0.5) & (before <= 0.5) else held
        return held, held, trigger
