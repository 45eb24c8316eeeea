"""The patch language: units, expressions, and a YAML tree with source positions. It knows no graph nodes.

Floor 2: imports only `graph.errors`. Import `units`, `expression` and `yaml_tree`; `yaml_traps` serves the latter.

Public: nodes whose options hold text of their own import these names; mistakes then have a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.language.expression import ExpressionError
    from graph.language.mistakes import MistakeError, Mistakes, NotedError
    from graph.language.source import SourceText, read_bytes, read_source
    from graph.language.units import ANY, note_key, note_number
    from graph.language.yaml_tree import Mapping, Scalar, Tree, parse, scalar

__getattr__ = lazily(
    __name__,
    {
        "Mapping": "graph.language.yaml_tree",
        "Scalar": "graph.language.yaml_tree",
        "Tree": "graph.language.yaml_tree",
        "parse": "graph.language.yaml_tree",
        "scalar": "graph.language.yaml_tree",
        "ANY": "graph.language.units",
        "ExpressionError": "graph.language.expression",
        "MistakeError": "graph.language.mistakes",
        "Mistakes": "graph.language.mistakes",
        "NotedError": "graph.language.mistakes",
        "SourceText": "graph.language.source",
        "note_key": "graph.language.units",
        "note_number": "graph.language.units",
        "read_bytes": "graph.language.source",
        "read_source": "graph.language.source",
    },
)

__all__ = [
    "ANY",
    "ExpressionError",
    "Mapping",
    "MistakeError",
    "Mistakes",
    "NotedError",
    "Scalar",
    "SourceText",
    "Tree",
    "note_key",
    "note_number",
    "parse",
    "read_bytes",
    "read_source",
    "scalar",
]
