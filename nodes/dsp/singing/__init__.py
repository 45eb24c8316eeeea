"""The singing voice: formants of five vowels and five voices, and the tract that they make.

Imports nothing of `nodes`.
"""
