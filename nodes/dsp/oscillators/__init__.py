"""Waveforms without aliases: band-limited steps, sums of harmonics, hard sync, wavetables.

Imports `math`.
"""
