"""Bow friction: sticks up to a limit, and drops as the string slips faster under the bow.

Friction is solved together with the string, which yields in proportion to the force on it: a quadratic equation. Where
it has two solutions, the one that continues the previous state is taken (Friedlander, 1953).
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.physical.percussion import settled


@inline
def friction(free, speed, most, loose):
    """Velocity that the bow gives the string, and whether the string slips now.

    free     velocity of the bow relative to the free string
    most     maximum of the part of friction that drops with slipping; sliding friction adds 0.6 of it
    speed    slip velocity: slipping by `most` and this halves the part that drops
    """
    ease = speed + most
    drag = abs(free) - 0.6 * most
    root = (drag + ease) * (drag + ease) - 4.0 * ease * most
    slips = (root > 0.0) & ((abs(free) > 1.6 * most) | (loose > 0.5))
    slip = 0.5 * (drag - ease + np.sqrt(root)) if slips else np.float32(0.0)
    return free - (slip if free > 0.0 else -slip), np.float32(1.0 if slips else 0.0)


@inline
def rolled(twist, lane, given, creep):
    """Velocity that the bow gives a string that rolls under it, which absorbs a tenth of the alternating part.

    Torsional waves decay faster than transverse ones and take with them the slips that differ from period to period,
    which make single keys growl (McIntyre, Schumacher, Woodhouse: "Aperiodicity in bowed-string motion", Acustica
    1981). On average the string does not roll; the lane's `twist` tracks that mean by the fraction `creep` per frame.
    """
    now = load(twist, lane)
    now = settled(now + creep * (given - now))
    store(twist, lane, now)
    return 0.9 * given + 0.1 * now


@inline
def playable(force, speed, aim, freq):
    """`most`, times the fraction of the string between bow and bridge.

    `force` 0 .. 1 maps to the range between the least and the greatest force at which a string speaks (Schelleng, "The
    bowed string and the player", JASA 1973): more for low strings and, as players do, more until the bow has reached
    its target speed `aim`.
    """
    missing = max(aim - speed, np.float32(0.0))
    bite = 2.0 * missing * clamp(400.0 / freq, 0.0, 1.0)
    return (0.2 + 0.14 * clamp(force, 0.0, 1.0)) * (speed + bite) * (1.0 + 2.0 * clamp(150.0 / freq - 0.5, 0.0, 2.0))
