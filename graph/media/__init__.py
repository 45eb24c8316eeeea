"""Audio files: read as arrays at the engine's rate, and written so that a file is either complete or absent.

Floor 5: imports only `graph.errors`. Nodes read with `sound_reader`; recordings and renders write with `sound_file`.
"""
