"""Polyphony: assignment of notes to voices, and the effect of controllers and MPE on them.

Imports nothing of `nodes` outside this room.
"""
