"""A graph as a picture: SVG, PNG, Graphviz's dot or Mermaid.

Floor 9: imports `writer`, `patch` and below. `show` is the door.
"""
