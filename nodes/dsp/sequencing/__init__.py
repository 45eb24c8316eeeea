"""Notes in time: notations, scales, sequences, arpeggios, random melodies, and event queues.

Imports `math` and `clocks`.
"""
