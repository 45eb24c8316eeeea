"""Alias-free nonlinearities: clipping, and oversampling of a waveshaper.

Imports `math`.
"""
