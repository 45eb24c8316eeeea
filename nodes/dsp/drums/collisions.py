"""Random collisions of many small objects: beans in a gourd, jingles on a frame.

Perry Cook's PhISEM ("Physically informed sonic modeling", Computer Music Journal 21(3), 1997): a thousand particles
sound like collisions at random times, stronger for harder shakes, each of which starts a noise that decays in
milliseconds.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.random import shuffle, uniform
from nodes.dsp.physical.percussion import density, settled


@inline
def collide(energy, level, random, grains, faded, sample_rate):
    """Next noise sample, its level, and the random state.

    energy    energy of the shake, 0 .. 1
    grains    collisions per second, at most one per frame
    faded     gain per frame of the decay of a collision's noise
    """
    random = shuffle(random)
    meets = uniform(random) * 0.5 + 0.5 < grains / sample_rate
    random = shuffle(random)
    # Fewer grains are heavier; of two overlapping collisions the louder counts, so the sum is bounded.
    new = energy * np.sqrt(1.0 + 300.0 / grains) if meets else np.float32(0.0)
    level = level * faded
    level = settled(new if new > level else level)
    return uniform(random) * level * density(sample_rate), level, random
