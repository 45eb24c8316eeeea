"""What this machine has for music, and how well it keeps time.

Floor 12: imports `devices`, `ports`, `patch` and below. `graphrun devices` and `graphrun doctor` print it.
"""
