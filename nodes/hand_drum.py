from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Option, Out, Setup
from nodes.dsp.drums.skin import StruckBody, at_rest, soft_body

# Frequency ratios to the open tone, then mode amplitudes for strikes at the middle, halfway out and at the rim.
DRUMS = {
    "conga": (
        (1.0, 1.58, 2.0, 2.27, 2.63, 2.9, 3.14, 3.9),
        ((0.8, 0.12, 0.02, 0.12, 0.0, 0.0, 0.02, 0.03), (0.62, 0.3, 0.14, 0.1, 0.08, 0.06, 0.05, 0.03),
         (0.2, 0.22, 0.2, 0.18, 0.2, 0.2, 0.18, 0.18)),
    ),
    "bongo": (
        (1.0, 1.59, 2.14, 2.3, 2.65, 2.92, 3.16, 3.5),
        ((0.75, 0.1, 0.05, 0.2, 0.0, 0.0, 0.05, 0.05), (0.55, 0.3, 0.2, 0.12, 0.1, 0.08, 0.06, 0.05),
         (0.22, 0.24, 0.24, 0.2, 0.22, 0.2, 0.2, 0.18)),
    ),
    "djembe": (
        (0.22, 1.0, 1.52, 2.06, 2.6, 3.1, 3.7, 4.6),
        ((0.95, 0.12, 0.03, 0.03, 0.0, 0.0, 0.0, 0.0), (0.2, 0.65, 0.3, 0.14, 0.08, 0.05, 0.04, 0.03),
         (0.06, 0.2, 0.22, 0.26, 0.28, 0.25, 0.22, 0.2)),
    ),
    "tabla": (
        (1.0, 2.01, 3.02, 4.0, 5.03, 6.1, 7.2, 8.3),
        ((0.5, 0.4, 0.12, 0.06, 0.03, 0.02, 0.0, 0.0), (0.35, 0.45, 0.28, 0.14, 0.08, 0.05, 0.03, 0.02),
         (0.12, 0.32, 0.4, 0.25, 0.18, 0.12, 0.1, 0.08)),
    ),
    "cajon": (
        (0.45, 1.0, 1.43, 1.96, 2.7, 3.6, 4.8, 6.4),
        ((0.85, 0.25, 0.12, 0.06, 0.04, 0.03, 0.02, 0.02), (0.5, 0.4, 0.25, 0.2, 0.12, 0.1, 0.08, 0.05),
         (0.12, 0.25, 0.26, 0.28, 0.28, 0.26, 0.24, 0.22)),
    ),
}  # fmt: skip


class HandDrum(StruckBody, family="Drums"):
    """Hand drum: conga, bongo, djembe, tabla or cajon, from bass to open tone to slap.

    Eight modes per drum. The air in a djembe or a cajon adds a mode far below the skin's, excited by a strike in
    the middle. The black spot of a tabla moves its modes to 1 : 2 : 3 : 4 : 5, as Raman found. `position` is the
    playing technique: middle for bass, halfway out for an open tone, rim for a slap; a sampler needs a recording of
    each. Raman: "The Indian musical drums", Proc. Indian Acad. Sci. 1934; Fletcher, Rossing, 1998, chapter 18.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike strength; also sets brightness and pitch sweep.")
    freq = In(220, "Hz", 20, 4_000, curve="log", doc="Frequency of the open tone at rest.")
    decay = In(0.6, "s", 0.02, 20, curve="log", doc="Decay time (T60) of the open tone; 0.1 for a hand that stays on.")
    damping = In(0.7, "", 0, 4, doc="Extra decay rate of the high modes.")
    sweep = In(1, "semitones", 0, 48, doc="Initial pitch above `freq` at full velocity.")
    sweep_time = In(0.12, "s", 0.005, 5, curve="log", doc="Decay time (T60) of the pitch sweep.")
    position = In(0.5, "", 0, 1, doc="Strike position: 0 bass at the middle, 0.5 open tone, 1 slap at the rim.")
    stick = In(2_500, "Hz", 100, 20_000, curve="log", doc="Hand hardness: 1 kHz for the palm, 4 kHz for fingers.")
    click = In(0.3, "", 0, 1, doc="Level of the hand noise.")
    drum = Option("conga", choices=tuple(DRUMS), doc="Type of drum.")
    out = Out(doc="Within about -1 .. 1.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        ratios, shapes = DRUMS[self.options["drum"]]
        return at_rest(setup, np.array(ratios), np.array(shapes))

    process = soft_body
