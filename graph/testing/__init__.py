"""Test tools for nodes, bundled and third-party: make a block, run one kernel on it, check the contract.

block = block_of(LowPass, audio=noise, cutoff=1_000.0)
LowPass.process(block)
assert np.abs(block.out).max() < 1

Floor 8: imports `plan` and below. Both names are public.
"""

from __future__ import annotations

from graph.plan.block import block_of
from graph.testing.contract import node_contract

__all__ = ["block_of", "node_contract"]
