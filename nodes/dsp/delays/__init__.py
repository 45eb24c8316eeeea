"""Delay lines and all that reads from the past: fractional taps, reverb, grains, varispeed, pitch splices.

Imports `math`.
"""
