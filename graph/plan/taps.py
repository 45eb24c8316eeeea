"""Resolves the node output that Python listens to, and the clock that counts its beats."""

from __future__ import annotations

from collections.abc import Iterable

from graph.errors import GraphError, did_you_mean
from graph.model.net import Net, find_node
from graph.model.order import order, resolve
from graph.node.node import Cable, Node

RISING = ("trigger", "gate")
"""Signal outputs whose rising edges count as a node's events, in order of preference."""


def tapped(graph: Net, path: str) -> Cable:
    """The output named by `NODE` or `NODE.OUTPUT`; GraphError if it does not exist or gives no events.

    For a node: its only events output, else its `trigger`, its `gate`, or its only signal output.
    """
    name, port = path, ""
    if path not in graph.nodes:
        name, _, port = path.rpartition(".")
    node = find_node(graph.nodes, name if name in graph.nodes else path)
    outs = node.outs()
    if port and port not in outs:
        raise GraphError(f"{name} has no output '{port}'.{did_you_mean(port, list(outs))}", name)
    if not port:
        events = [key for key, out in outs.items() if out.kind == "events"]
        signals = [key for key, out in outs.items() if out.kind == "signal"]
        found = events or [key for key in RISING if key in signals][:1] or signals
        if len(found) != 1:
            has = (
                f"has {' and '.join(found)}: write {name}.{found[0]}"
                if found
                else "has no events, trigger or gate output"
            )
            raise GraphError(f"{name} {has}", name)
        port = found[0]
    if outs[port].kind == "clock":
        raise GraphError(f"{name}.{port} is a clock: wait for its beats with clock('{name}').sync(1)", name)
    return Cable(node, port)


def check_tap(graph: Net, path: str) -> None:
    """Raises GraphError if `path` gives no events or its node does not run."""
    node = tapped(graph, path).node
    if node not in order(graph):
        raise GraphError(f"{graph.names[node]} is not connected to the output, so it gives no events", path)


def is_tapped(graph: Net, path: str) -> bool:
    """Whether `path` gives events in a graph."""
    try:
        check_tap(graph, path)
    except GraphError:
        return False
    return True


def clocks(nodes: Iterable[Node]) -> list[Cable]:
    """The clocks that follow no other clock; a single one counts the graph's beats."""
    return [
        Cable(node, key)
        for node in nodes
        for key, out in node.outs().items()
        if out.kind == "clock"
        and not any(
            port.kind == "clock" and isinstance(resolve(node.inputs.get(name)), Cable)
            for name, port in node.ins().items()
        )
    ]
