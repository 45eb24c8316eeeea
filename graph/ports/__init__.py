"""MIDI ports and the Link session, in a companion process with an interpreter of its own.

Floor 10: imports `clocks`, `engine`, `midi` and below. `companion` is the door; `midi` lists the ports of the system.
"""
