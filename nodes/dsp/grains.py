"""Many small things that collide: beans in a gourd, jingles on a frame.

Perry Cook's PhISEM ("Physically informed sonic modeling", Computer Music Journal 21(3), 1997): what
is heard of a thousand particles is that collisions come at random, the more the harder the shake,
and that each adds some energy to a noise that is gone in milliseconds.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.percussion import density, settled
from nodes.dsp.random import shuffle, uniform


@helper
def collide(energy, level, random, grains, faded, sample_rate):
    """The next noise, its level, and the state of the random numbers.

    energy    of the shake, 0 .. 1
    grains    collisions a second when it is 1, up to one a frame
    faded     factor a frame by which the noise of a collision falls
    """
    random = shuffle(random)
    meets = uniform(random) * 0.5 + 0.5 < grains * energy / sample_rate
    random = shuffle(random)
    # Fewer and louder, or more and softer: the power is the same.
    level = level * faded + (energy * np.sqrt(1_200.0 / grains) if meets else 0.0)
    level = settled(level)
    return uniform(random) * level * density(sample_rate), level, random
