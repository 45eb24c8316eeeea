from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, soft_body
from nodes.dsp.physical.modes import body


class Tom(StruckBody, family="Drums"):
    """Tom-tom: a round head on a shell; low and long for a floor tom, high and dry for a rototom.

    The first sixteen modes of a membrane at Bessel zeros, 1 : 1.59 : 2.14 : 2.30 : 2.65, each excited according to the
    strike position. A hard strike stretches the head, so the pitch starts higher and falls; that, more than the
    spectrum, conveys how hard it was. For the decaying sine of analog drum machines use `position: 0` and a soft stick.
    Fletcher, Rossing: "The Physics of Musical Instruments", 2nd ed. 1998, chapter 18.
    """

    trigger = In(0, doc="A rise above 0.5 strikes.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike velocity: level, brightness and depth of the sweep.")
    freq = In(110, "Hz", 20, 4_000, curve="log", doc="Lowest mode, after the sweep.")
    decay = In(1.1, "s", 0.02, 20, curve="log", doc="Decay time (T60) of the lowest mode.")
    damping = In(0.7, "", 0, 4, doc="Extra damping of high modes.")
    sweep = In(3.5, "semitones", 0, 48, doc="Initial pitch above `freq` at full velocity.")
    sweep_time = In(0.22, "s", 0.005, 5, curve="log", doc="Decay time of the sweep (T60).")
    position = In(0.3, "", 0, 1, doc="Strike position: 0 center, 1 rim.")
    stick = In(2_500, "Hz", 100, 20_000, curve="log", doc="Bandwidth of the stick: felt 500 Hz, wood 5 kHz.")
    click = In(0.3, "", 0, 1, doc="Level of the impact noise.")
    out = Out(doc="Output, about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        ratios, shapes = body("membrane")
        return at_rest(setup, ratios[:16], shapes[:, :16])

    process = soft_body
