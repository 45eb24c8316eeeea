"""Math for audio loops: functions, phase, random numbers, the FFT, the Hilbert pair.

Imports nothing of `nodes`.
"""
