"""A node is a class body: its declarations, the kernel that is generated around it, operators, and finding classes.

Floor 5: imports `memory`, `native` and `graph.errors`. What a node's author needs is in `graph` itself;
the rooms above import `node`, `ports`, `arithmetic` and `library`.
"""
