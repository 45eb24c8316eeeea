"""Notes in time: notations, scales, sequences, arpeggios, random melodies, and queues of events.

Imports `math` and `clocks`.
"""
