"""From a `Net` to the tables that the driver walks, and what a new plan inherits from the one that plays.

Floor 7: imports `model`, `node` and `memory`. `plan` and `succession` are for `engine`, `block` is for `testing`.
"""
