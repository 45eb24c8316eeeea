from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, stiff_body

RATIOS = (1.0, 1.486, 2.61, 3.37, 4.55)
SHAPES = ((0.5, 0.46, 0.14, 0.11, 0.06), (0.34, 0.26, 0.2, 0.24, 0.18))


class Cowbell(StruckBody, family="Drums"):
    """Cowbell: two strong modes a little more than a fifth apart, and a dull clank.

    The plates of a folded bell ring at about 545 and 810 Hz; the TR-808 has square waves at 540 and
    800 for them. Here they are modes with the two upper ones of the sheet, so the tone gets duller as
    it fades and the place of the blow matters: at the mouth it rings, on the flat it clanks. Roland
    TR-808 Service Notes, 1981; Rossing: "Science of Percussion Instruments", 2000.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also how bright.")
    freq = In(545, "Hz", 50, 12_000, curve="log", doc="Lower of the two strong modes.")
    decay = In(0.5, "s", 0.005, 10, curve="log", doc="Time of the lowest mode to fall by 60 dB.")
    damping = In(0.35, "", 0, 4, doc="How much faster high modes decay.")
    position = In(0.2, "", 0, 1, doc="Where it is struck: 0 the mouth, 1 the flat.")
    stick = In(7_000, "Hz", 100, 20_000, curve="log", doc="Hardness of the stick.")
    click = In(0.1, "", 0, 1, doc="Level of the noise of the blow.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return at_rest(setup, np.array(RATIOS), np.array(SHAPES))

    process = stiff_body
