from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Notch


@pytest.mark.parametrize("cutoff", [100.0, 1_000.0, 10_000.0])
def test_the_cutoff_vanishes(cutoff):
    tone = np.sin(2 * np.pi * cutoff / 48_000 * np.arange(24_000))
    block = block_of(Notch, audio=tone, cutoff=cutoff, q=2.0)
    Notch.process(block)
    assert np.abs(block.out[-2_000:]).max() < 1e-4
