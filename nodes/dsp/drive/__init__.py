"""Nonlinear curves without aliases: clipping, and running a curve at a multiple of the sample rate.

Imports `math`.
"""
