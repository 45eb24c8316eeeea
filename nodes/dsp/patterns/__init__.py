"""Drum patterns: notation, drum names, pattern files, and the table that the kernel plays.

Imports nothing of `nodes` outside this room.
"""
