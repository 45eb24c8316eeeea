"""Builds the driver's tables from a `Net`, and transfers state from the running plan to a new one.

Floor 7: imports `model`, `node` and `memory`. `plan` and `succession` are for `engine`, `block` is for `testing`.
"""
