"""Memory shared by Python and the audio thread: records, the arena, rings, events, meters and host time.

Floor 3: imports `native`. All modules may be imported; nodes import events from `graph`.
"""
