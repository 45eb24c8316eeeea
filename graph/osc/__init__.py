"""Open Sound Control: every input of a patch by its address, notes, and meters for those who subscribe.

Floor 13: imports `play` and below. `server` is the door.
"""
