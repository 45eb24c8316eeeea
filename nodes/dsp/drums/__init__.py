"""Drums: membranes, cymbals and shakers, and drum kits on the keys of General MIDI.

Imports `math` and `physical`.
"""
