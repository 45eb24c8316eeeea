"""The graph as data: nodes and cables, the order in which they run, and their widths.

Floor 6: imports `node` and `graph.errors`. All modules may be imported. It knows no buffers, time or devices.
"""
