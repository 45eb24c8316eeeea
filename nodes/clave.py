from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, stiff_body

RATIOS = (1.0, 2.7565, 5.4039, 8.933)
SHAPES = ((0.75, 0.12, 0.5, 0.05), (0.5, 0.4, 0.3, 0.2))


class Clave(StruckBody, family="Drums"):
    """Clave: a rod of hard wood, the clearest sound of all drums.

    A bar free at both ends, held over the hollow of a hand where its first mode has its nodes; so
    that mode at about 2.5 kHz rings on and the others, 2.76 and 5.40 times as high, die within the
    blow. The TR-808 makes it with one resonator; the two others are what tells wood from a beep.
    Rossing: "Science of Percussion Instruments", 2000.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also how bright.")
    freq = In(2_450, "Hz", 50, 12_000, curve="log", doc="First mode.")
    decay = In(0.11, "s", 0.005, 10, curve="log", doc="Time of the lowest mode to fall by 60 dB.")
    damping = In(1.5, "", 0, 4, doc="How much faster high modes decay.")
    position = In(0.2, "", 0, 1, doc="Where it is struck: 0 its middle, 1 further out.")
    stick = In(6_000, "Hz", 100, 20_000, curve="log", doc="Hardness of the other rod.")
    click = In(0.08, "", 0, 1, doc="Level of the noise of the blow.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return at_rest(setup, np.array(RATIOS), np.array(SHAPES))

    process = stiff_body
