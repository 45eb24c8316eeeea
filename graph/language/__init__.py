"""The patch language: units, expressions, and a YAML tree with source positions. It knows no graph nodes.

Floor 2: imports only `graph.errors`. Import `units`, `expression` and `yaml_tree`; `yaml_traps` serves the latter.
"""
