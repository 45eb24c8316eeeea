"""Polyphony: which voice plays which note, and what controllers and MPE do to it.

Imports nothing of `nodes` outside this room.
"""
