"""A node is a class body: its declarations, the kernel generated around it, operators, and lookup of classes.

Floor 5: imports `memory`, `native` and `graph.errors`. Node authors import from `graph`; the rooms above import
`node`, `ports`, `arithmetic` and `library`.
"""

from graph.node import arithmetic as _arithmetic  # noqa: F401  # operators on cables create its nodes
from graph.node import values as _values  # noqa: F401  # reads texts such as "2 kHz"
