from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, stiff_body

RATIOS = (1.0, 1.486, 2.61, 3.37, 4.55)
SHAPES = ((0.5, 0.46, 0.14, 0.11, 0.06), (0.34, 0.26, 0.2, 0.24, 0.18))


class Cowbell(StruckBody, family="Drums"):
    """Cowbell: two strong modes a little more than a fifth apart, with a dull clank.

    The plates of a folded bell ring at about 545 and 810 Hz; the TR-808 uses square waves at 540 and 800 Hz. This
    model also has the two upper modes of the sheet, so the tone gets duller as it fades and strike position
    matters: the mouth rings, the flat clanks. Roland TR-808 Service Notes, 1981; Rossing: "Science of Percussion
    Instruments", 2000.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike strength; also sets brightness.")
    freq = In(545, "Hz", 50, 12_000, curve="log", doc="Lower of the two strong modes.")
    decay = In(0.5, "s", 0.005, 10, curve="log", doc="Decay time (T60) of the lowest mode.")
    damping = In(0.35, "", 0, 4, doc="Extra decay rate of the high modes.")
    position = In(0.2, "", 0, 1, doc="Strike position: 0 is the mouth, 1 is the flat.")
    stick = In(7_000, "Hz", 100, 20_000, curve="log", doc="Hardness of the stick.")
    click = In(0.1, "", 0, 1, doc="Level of the strike noise.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return at_rest(setup, np.array(RATIOS), np.array(SHAPES))

    process = stiff_body
