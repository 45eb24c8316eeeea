"""A node is a class body: its declarations, the kernel generated around it, operators, and lookup of classes.

Floor 5: imports `memory`, `native` and `graph.errors`. Node authors import from `graph`; the rooms above import
`node`, `ports`, `arithmetic` and `library`.
"""
