"""Audio files: read as arrays at the engine's rate, written so that a file is complete or absent.

Floor 5: imports `graph.errors` alone. Nodes read with `sound_reader`; recordings and renders write with `sound_file`.
"""
