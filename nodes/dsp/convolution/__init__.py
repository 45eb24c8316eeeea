"""Partitioned convolution, and the synthesized responses of rooms, plates and springs.

Imports `math`.
"""
