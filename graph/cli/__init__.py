"""`graphrun`: a table of commands, and a module with a `main` for each.

Floor 14: imports anything. Nothing but `python -m graph` imports it.
"""
