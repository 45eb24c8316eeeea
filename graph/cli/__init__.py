"""The `graphrun` command: a table of commands, each a module with its own `main`.

Floor 15: may import anything. Only `python -m graph` imports it.
"""
