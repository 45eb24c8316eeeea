"""Recordings on keys: which zone a key plays, and the players that read it.

Imports `math` and `delays`.
"""
