"""Physical models: strings, pipes, modes, tines, and the bow, finger or hammer that excites them.

Imports `math`.
"""
