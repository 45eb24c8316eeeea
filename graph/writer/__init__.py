"""Writes graphs as patch text, and edits patch files without touching the rest of the text.

Floor 8: imports `patch` and below. `save`, `preset_file` and `control_file` are the entry points.
"""
