"""This machine's audio and MIDI resources, and its timing accuracy.

Floor 12: imports `devices`, `ports`, `patch` and below. `graphrun devices` and `graphrun doctor` print it.
"""
