from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, stiff_body

RATIOS = (1.0, 2.72, 3.54, 5.15)
SHAPES = ((0.55, 0.3, 0.35, 0.1), (0.5, 0.45, 0.45, 0.35))


class Rim(StruckBody, family="Drums"):
    """Side stick: the stick lies on the skin and its end strikes the rim. A dry, woody crack.

    Modes of the stick and the shell near 500, 1,350 and 1,750 Hz over within 50 ms, and a little
    noise of the skin below. The TR-808 has two resonators, one low and one high; the third makes it
    wood. `position` goes from the stick's butt on the rim to the whole stick, a rimshot.
    Roland TR-808 Service Notes, 1981.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also how bright.")
    freq = In(490, "Hz", 50, 12_000, curve="log", doc="Lowest mode.")
    decay = In(0.075, "s", 0.005, 10, curve="log", doc="Time of the lowest mode to fall by 60 dB.")
    damping = In(0.3, "", 0, 4, doc="How much faster high modes decay.")
    position = In(0.15, "", 0, 1, doc="How much of the stick strikes: 0 its butt, 1 a rimshot.")
    stick = In(6_500, "Hz", 100, 20_000, curve="log", doc="Hardness of the stick.")
    click = In(0.35, "", 0, 1, doc="Level of the noise of the blow.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return at_rest(setup, np.array(RATIOS), np.array(SHAPES))

    process = stiff_body
