"""Open Sound Control: patch inputs as addresses, notes, and meter subscriptions.

Floor 14: imports `play` and below. `server` is the entry point.
"""
