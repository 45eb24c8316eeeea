"""Drum patterns: their notation, their names of drums, files of patterns, and the table that a kernel plays.

Imports nothing of `nodes` outside this room.
"""
