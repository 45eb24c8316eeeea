"""A patch file that plays: presets, hot reload, a part of a song, MIDI learn.

Floor 13: imports `play`, `writer`, `patch` and below. `performance` and `learn` are the doors.
"""
