from __future__ import annotations

from graph import In, Node, Out, State, per_sample


class SampleHold(Node, family="Modulation"):
    """Sample and hold: samples the signal on each trigger and holds the value until the next.

    With noise it gives the random melody of early synthesizers, with a slow saw an arpeggio. The value is that of the
    trigger's own frame. Follow it with Slew to smooth the steps.
    """

    audio = In(unit="any", doc="Signal to sample.")
    trigger = In(0, doc="A rise above 0.5 samples.")
    out = Out("any", doc="Held value; 0 before the first trigger.")
    held = State()
    before = State()

    @per_sample
    def process(audio, trigger, held, before):
        held = audio if (trigger > 0.5) & (before <= 0.5) else held
        return held, held, trigger
