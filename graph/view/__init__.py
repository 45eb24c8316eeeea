"""The terminal view: what a patch does while it plays, and keys to play and command it.

Floor 13: imports `play` and below. `screen` is the door; it alone starts and ends the view.
"""
