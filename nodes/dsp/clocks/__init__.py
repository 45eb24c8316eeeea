"""Beats and tempo: drift-free beat counting, tempo curves, the MIDI clock loop, Link sessions.

Imports `envelopes` (breakpoints of a tempo).
"""
