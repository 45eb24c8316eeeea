"""Performance of a patch file: presets, hot reload, excerpts, MIDI learn.

Floor 14: imports `play`, `writer`, `patch` and below. `performance` and `learn` are the entry points.
"""
