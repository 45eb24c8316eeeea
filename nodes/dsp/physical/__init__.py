"""Physical models: strings, pipes, modes and tines, and the bow, finger or hammer that excites them.

Imports `math`.
"""
