"""Alias-free waveforms: band-limited steps, harmonic sums, hard sync, wavetables.

Imports `math`.
"""
