"""Many small things that collide: beans in a gourd, jingles on a frame.

Perry Cook's PhISEM ("Physically informed sonic modeling", Computer Music Journal 21(3), 1997): what
is heard of a thousand particles is that collisions come at random, the stronger the harder the
shake, and that each starts a noise that is gone in milliseconds.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.math.random import shuffle, uniform
from nodes.dsp.physical.percussion import density, settled


@helper
def collide(energy, level, random, grains, faded, sample_rate):
    """The next noise, its level, and the state of the random numbers.

    energy    of the shake, 0 .. 1
    grains    collisions a second, up to one a frame
    faded     factor a frame by which the noise of a collision falls
    """
    random = shuffle(random)
    meets = uniform(random) * 0.5 + 0.5 < grains / sample_rate
    random = shuffle(random)
    # Few grains are heavier; of two that meet at once the louder is heard, so the sum is bounded.
    new = energy * np.sqrt(1.0 + 300.0 / grains) if meets else np.float32(0.0)
    level = level * faded
    level = settled(new if new > level else level)
    return uniform(random) * level * density(sample_rate), level, random
