"""From a graph back to the text of a patch, and edits in a patch file that leave the rest of it alone.

Floor 8: imports `patch` and below. `save`, `preset_file` and `control_file` are the doors.
"""
