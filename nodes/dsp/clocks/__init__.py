"""Beats and tempo for nodes: beats counted from frames, tempo curves, the MIDI clock loop, a Link session.

Imports `envelopes` (breakpoints of a tempo).
"""
