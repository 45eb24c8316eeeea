from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, stiff_body

RATIOS = (1.0, 2.7565, 5.4039, 8.933)
SHAPES = ((0.75, 0.12, 0.5, 0.05), (0.5, 0.4, 0.3, 0.2))


class Clave(StruckBody, family="Drums"):
    """Clave: a struck rod of hard wood with a short, clear tone.

    A bar free at both ends is held over a cupped hand at the nodes of its first mode. That mode, at about 2.5 kHz,
    rings on; the others, 2.76 and 5.40 times as high, die within the strike. The TR-808 uses one resonator; the two
    extra modes make the difference between wood and a beep. Rossing: "Science of Percussion Instruments", 2000.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike strength; also sets brightness.")
    freq = In(2_450, "Hz", 50, 12_000, curve="log", doc="Frequency of the first mode.")
    decay = In(0.11, "s", 0.005, 10, curve="log", doc="Decay time (T60) of the lowest mode.")
    damping = In(1.5, "", 0, 4, doc="Extra decay rate of the high modes.")
    position = In(0.2, "", 0, 1, doc="Strike position: 0 is the middle, 1 is farther out.")
    stick = In(6_000, "Hz", 100, 20_000, curve="log", doc="Hardness of the other rod.")
    click = In(0.08, "", 0, 1, doc="Level of the strike noise.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return at_rest(setup, np.array(RATIOS), np.array(SHAPES))

    process = stiff_body
