"""Reference data on nodes and patches: the catalog, likely mistakes in a patch, the JSON Schema.

Floor 8: imports `patch` and below. The command line imports all three modules.
"""
