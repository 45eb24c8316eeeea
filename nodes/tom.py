from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, soft_body
from nodes.dsp.physical.modes import body


class Tom(StruckBody, family="Drums"):
    """Tom-tom: a round skin on a shell; low and long it is a floor tom, high and dry a rototom.

    The first sixteen modes of a membrane at Bessel's zeros, 1 : 1.59 : 2.14 : 2.30 : 2.65, each moved
    as far as the place of the blow says. A hard blow stretches the skin, so the pitch starts higher
    and falls; that, not the spectrum, tells the ear how hard it was. A decaying sine, as in analog
    machines, is this with `position: 0` and a soft stick. Fletcher, Rossing: "The Physics of
    Musical Instruments", 2nd ed. 1998, chapter 18.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also how bright and how far the pitch falls.")
    freq = In(110, "Hz", 20, 4_000, curve="log", doc="Lowest mode at rest.")
    decay = In(1.1, "s", 0.02, 20, curve="log", doc="Time of the lowest mode to fall by 60 dB.")
    damping = In(0.7, "", 0, 4, doc="How much faster high modes decay.")
    sweep = In(3.5, "semitones", 0, 48, doc="How far above `freq` a full blow begins.")
    sweep_time = In(0.22, "s", 0.005, 5, curve="log", doc="Time in which the sweep falls by 60 dB.")
    position = In(0.3, "", 0, 1, doc="Where it is struck: 0 the middle, 1 the rim.")
    stick = In(2_500, "Hz", 100, 20_000, curve="log", doc="Hardness of the stick; felt is 500 Hz, wood 5 kHz.")
    click = In(0.3, "", 0, 1, doc="Level of the stick's noise.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        ratios, shapes = body("membrane")
        return at_rest(setup, ratios[:16], shapes[:, :16])

    process = soft_body
