from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, stiff_body

RATIOS = (1.0, 2.72, 3.54, 5.15)
SHAPES = ((0.55, 0.3, 0.35, 0.1), (0.5, 0.45, 0.45, 0.35))


class RimShot(StruckBody, family="Drums"):
    """Side stick: the stick lies on the drumhead and strikes the rim. A dry, woody crack.

    Modes of stick and shell near 500, 1,350 and 1,750 Hz that decay within 50 ms, plus a little noise. The TR-808 has
    two resonators, one low and one high; the third makes it woody. `position` goes from the stick's butt on the rim to
    the whole stick, a rimshot. Roland TR-808 Service Notes, 1981.
    """

    trigger = In(0, doc="A rise above 0.5 strikes.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike velocity: level and brightness.")
    freq = In(490, "Hz", 50, 12_000, curve="log", doc="Frequency of the lowest mode.")
    decay = In(0.075, "s", 0.005, 10, curve="log", doc="Decay time (T60) of the lowest mode.")
    damping = In(0.3, "", 0, 4, doc="Extra damping of high modes.")
    position = In(0.15, "", 0, 1, doc="Contact of the stick: 0 its butt, 1 a rimshot.")
    stick = In(6_500, "Hz", 100, 20_000, curve="log", doc="Bandwidth of the stick: higher is harder.")
    click = In(0.35, "", 0, 1, doc="Level of the impact noise.")
    out = Out(doc="Output, about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return at_rest(setup, np.array(RATIOS), np.array(SHAPES))

    process = stiff_body
