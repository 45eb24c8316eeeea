"""MIDI ports and the Link session, in a companion process with its own interpreter.

Floor 10: imports `clocks`, `engine`, `midi` and below. `companion` is the entry point; `midi` lists the system's ports.
"""
