"""The terminal view: shows what a patch does while it plays, with keys to play and control it.

Floor 14: imports `play` and below. `screen` is the entry point; only it starts and stops the view.
"""
