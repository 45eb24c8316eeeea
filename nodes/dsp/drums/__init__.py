"""Drums: skins, cymbals and shakers, and the kits that General MIDI's keys play.

Imports `math` and `physical`.
"""
