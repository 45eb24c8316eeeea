"""Time outside the audio thread: the host's clock, beats for asyncio tasks, and the clocks that they follow.

Floor 9: imports `engine` and below. `graph` hands on `InternalClock` and `LinkClock`; `host` serves the rooms above.
"""
