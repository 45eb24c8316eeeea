"""Reads the source of a node before Numba sees it, and answers mistakes in the words of a node's author.

The checks work on the syntax tree and on the values of the globals that a kernel reads. `mistakes` imports them all;
`graph.node.kernel` imports `declarations` and `signature` for what must hold before a kernel can be generated.
"""
