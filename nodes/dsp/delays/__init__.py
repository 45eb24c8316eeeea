"""Delay lines and their readers: fractional taps, reverb, grains, varispeed, pitch splices.

Imports `math`.
"""
