"""Rosin: friction that holds up to a limit, and less the faster the string slips under the bow.

Both are solved together with the string, which gives way in proportion to the force on it: a quadratic
equation, and where it has two answers the one that goes on with what was before (Friedlander, 1953).
"""

from __future__ import annotations

import numpy as np

from graph import helper
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.physical.percussion import settled


@helper
def friction(free, speed, most, loose):
    """The velocity that the bow gives the string, and whether the string slips now.

    free     velocity of the bow against the string that nothing holds
    most     what the friction that falls away with slipping can give; sliding friction gives 0.6 of it more
    speed    slipping by `most` and this halves the part that falls away
    """
    ease = speed + most
    drag = abs(free) - 0.6 * most
    root = (drag + ease) * (drag + ease) - 4.0 * ease * most
    slips = (root > 0.0) & ((abs(free) > 1.6 * most) | (loose > 0.5))
    slip = 0.5 * (drag - ease + np.sqrt(root)) if slips else np.float32(0.0)
    return free - (slip if free > 0.0 else -slip), np.float32(1.0 if slips else 0.0)


@helper
def rolled(twist, lane, given, creep):
    """What the bow gives a string that rolls under it by a tenth of what comes and goes.

    Waves of torsion die away sooner than those across, and take with them what would have single keys growl: slips
    that differ from period to period (McIntyre, Schumacher, Woodhouse: "Aperiodicity in bowed-string motion",
    Acustica 1981). On the average, which the lane's `twist` follows by the part `creep` a frame, no string rolls.
    """
    now = load(twist, lane)
    now = settled(now + creep * (given - now))
    store(twist, lane, now)
    return 0.9 * given + 0.1 * now


@helper
def playable(force, speed, aim, freq):
    """What `most` is times the part of the string from the bow to the bridge.

    Of 0 .. 1 a `force` that lies between the least and the greatest with which a string speaks (Schelleng, "The
    bowed string and the player", JASA 1973): more for low strings, and as players do, more before the bow has got
    its speed, which is to be `aim`.
    """
    missing = max(aim - speed, np.float32(0.0))
    bite = 2.0 * missing * clamp(400.0 / freq, 0.0, 1.0)
    return (0.2 + 0.14 * clamp(force, 0.0, 1.0)) * (speed + bite) * (1.0 + 2.0 * clamp(150.0 / freq - 0.5, 0.0, 2.0))
