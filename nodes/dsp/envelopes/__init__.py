"""Levels over time: envelope stages, breakpoints and their notation, and the detectors of dynamics.

Imports `math`.
"""
