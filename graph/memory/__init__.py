"""What Python and the audio thread both see: records, the arena, rings, events, meters and the host's time.

Floor 3: imports `native`. All modules may be imported; a node takes its events from `graph` itself.
"""
