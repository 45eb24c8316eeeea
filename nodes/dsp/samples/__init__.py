"""Sample playback: mapping of keys to recordings, and the players that read them.

Imports `math` and `delays`.
"""
