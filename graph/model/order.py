"""Execution order of nodes: every node runs after its sources.

A depth-first walk from the output through the inputs in their declared order, then from every sink
(a node that does something outside, such as `MidiOut`) in name order. The order therefore depends
only on the graph, not on the file order, and a signal is read soon after it is written,
which keeps few buffers alive. `graphlib` orders level by level, which keeps all of them alive.
"""

from __future__ import annotations

from graph.errors import GraphError
from graph.model.net import Net
from graph.node.node import Cable, Node
from graph.node.ports import In, Out


def order(graph: Net) -> list[Node]:
    """The nodes that `graph.out` and the graph's sinks reach, each after its sources; delaying nodes (Feedback) last.

    Raises GraphError, with the path, for a cycle that no delaying node breaks.
    """
    done: dict[Node, None] = {}
    late: dict[Node, None] = {}
    roots = [graph.out.node, *sinks(graph)]
    while roots:
        root = roots.pop(0)
        if root.breaks_cycles:
            late.setdefault(root)
            sources = feeders(root)
        else:
            sources = [root]
        for source in sources:
            _visit(graph, source, done, late, roots)
        roots += [node for node in late if not all(s in done or s in late for s in feeders(node)) and node not in roots]
    return [*done, *_readers_first(list(late))]


def sinks(graph: Net) -> list[Node]:
    """The nodes of a graph that run although the output does not need them, by name.

    Those that act outside, and clocks, which Python reads.
    """
    nodes = [graph.nodes[name] for name in sorted(graph.nodes)]
    return [node for node in nodes if node.sink or any(port.kind == "clock" for port in node.outs().values())]


def feeders(node: Node) -> list[Node]:
    """The source nodes of `node`, in input order."""
    found = []
    for name in node.ins():
        source = resolve(node.inputs.get(name))
        if isinstance(source, Cable) and source.port in source.node.outs():
            found.append(source.node)
    return found


def resolve(value: float | Cable | None) -> float | Cable | None:
    """Follows a cable from another node's input to the source of that input.

    The result is a cable from an output, a cable from an input that holds a number, or a number.
    """
    seen = set()
    while isinstance(value, Cable) and value.port in value.node.ins():
        driver = value.node.inputs.get(value.port)
        if not isinstance(driver, Cable):
            return value
        if value in seen:
            raise GraphError(f"{value} reads itself: connect it to another source")
        seen.add(value)
        value = driver
    return value


def at_once(source: float | Cable | None, port: In) -> float | Cable | None:
    """For trigger-sampled inputs, the unslewed source; otherwise the source itself."""
    if not (port.at_trigger and isinstance(source, Cable)):
        return source
    declared = source.declared()
    return Cable(source.node, declared.unslewed) if isinstance(declared, Out) and declared.unslewed else source


def _visit(graph: Net, start: Node, done: dict[Node, None], late: dict[Node, None], roots: list[Node]) -> None:
    if start in done:
        return
    if start.breaks_cycles:
        if start not in late:
            late[start] = None
            roots.append(start)
        return
    path: dict[Node, None] = {start: None}
    stack = [iter(feeders(start))]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            done[path.popitem()[0]] = None
        elif node in path:
            nodes = list(path)
            raise _cycle(graph, nodes[nodes.index(node) :])
        elif node.breaks_cycles:
            if node not in late:
                late[node] = None
                roots.append(node)
        elif node not in done:
            path[node] = None
            stack.append(iter(feeders(node)))


def _cycle(graph: Net, readers_first: list[Node]) -> GraphError:
    names = [graph.names[node] for node in reversed(readers_first)]
    path = " -> ".join([*names, names[0]])
    return GraphError(f"the cables form a cycle: {path}. Add a Feedback node, which delays by one block", names[0])


def _readers_first(late: list[Node]) -> list[Node]:
    """Orders delaying nodes so that each copies its source before the source is overwritten."""
    ordered: list[Node] = []
    waiting = list(late)
    while waiting:
        free = [n for n in waiting if not any(n in feeders(other) for other in waiting if other is not n)]
        ordered += free or waiting
        waiting = [n for n in waiting if n not in ordered]
    return ordered
