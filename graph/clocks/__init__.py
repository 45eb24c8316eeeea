"""Time outside the audio thread: the host clock, beats for asyncio tasks, and the clocks they follow.

Floor 9: imports `engine` and below. `graph` re-exports `InternalClock` and `LinkClock`; `host` serves higher rooms.
"""
