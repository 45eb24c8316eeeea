"""The text of a patch: units, expressions, and YAML whose every node knows its place. It knows no graph node.

Floor 2: imports `graph.errors` alone. Import `units`, `expression` and `yaml_tree`; `yaml_traps` serves the latter.
"""
