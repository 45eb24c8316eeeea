"""MIDI as data: one table of messages, their bytes to events and back, and Standard MIDI Files. No ports.

Floor 4: imports `memory` and below. `bytes` is [audio] and runs in callbacks; the rest is [control].
"""
