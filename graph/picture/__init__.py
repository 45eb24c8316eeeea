"""Draws a graph as a diagram: SVG, PNG, Graphviz dot or Mermaid.

Floor 9: imports `writer`, `patch` and below. `show` is the entry point.
"""
