"""Widths of nodes: voices and channels follow the cables; a mismatch names both sides."""

from __future__ import annotations

from graph.errors import GraphError
from graph.model.net import Net
from graph.model.order import order as sorted_nodes
from graph.model.order import resolve
from graph.node.node import Cable, Node
from graph.node.ports import In, Out

Width = tuple[int, int]
"""Voices and channels; lanes are their product."""

MAX_LANES = 4096


class Widths:
    """The width of every node and of every signal output of a graph."""

    def __init__(self) -> None:
        self.nodes: dict[Node, Width] = {}
        self.outs: dict[Cable, Width] = {}

    def cable(self, cable: Cable) -> Width:
        """The width of a resolved cable."""
        if cable in self.outs:
            return self.outs[cable]
        port = cable.declared()
        if isinstance(port, In):  # another node's value: as wide as that node's input
            return input_width(port, self.nodes.get(cable.node, (1, 1)))
        return (1, 1)


def check(graph: Net) -> None:
    """[control] Raises GraphError if the graph cannot run: a cycle, a width mismatch. Compiles nothing."""
    widths(graph, sorted_nodes(graph))


def widths(graph: Net, order: list[Node]) -> Widths:
    """[control] The widths of all nodes in `order`; GraphError on a mismatch."""
    found = Widths()
    late = [node for node in order if node.breaks_cycles]
    before = None
    while found.nodes != before:  # a loop widens its targets, at most once per delaying node
        before = dict(found.nodes)
        for node in [*late, *order]:
            _measure(graph, node, found)
    out = resolve(graph.out)
    voices, _ = found.cable(out) if isinstance(out, Cable) else (1, 1)
    if graph.out.declared().kind != "signal":
        raise _error(graph, graph.out.node, f"out takes a signal, but {graph.where(graph.out)} gives events or a clock")
    if voices != 1:
        raise _error(
            graph,
            graph.out.node,
            f"out takes 1 voice, but {graph.where(graph.out)} has {voices}: insert a Mix or a Pan",
        )
    return found


def _measure(graph: Net, node: Node, found: Widths) -> None:
    voices = _unify(graph, node, found, 0)
    channels = _unify(graph, node, found, 1)
    voices, channels = node_width(node, (voices, channels))
    outs = {name: port for name, port in node.outs().items() if port.kind == "signal"}
    if voices * channels > MAX_LANES:
        raise _error(
            graph,
            node,
            f"{graph.names[node]} would be {voices} voices x {channels} channels wide; the maximum is {MAX_LANES}",
        )
    found.nodes[node] = (voices, channels)
    for name, out in outs.items():
        found.outs[Cable(node, name)] = out_width(node, out, (voices, channels))


def _unify(graph: Net, node: Node, found: Widths, which: int) -> int:
    """The one count above 1 among a node's inputs."""
    word = ("voices", "channels")[which]
    count, first = 1, None
    for name, port in node.ins().items():
        source = resolve(node.inputs.get(name))
        if port.kind != "signal" or not isinstance(source, Cable):
            continue
        theirs = found.cable(source)[which]
        fixed = (port.voices, port.channels)[which]
        if fixed is not None:
            if theirs not in (1, fixed):
                raise _error(graph, node, _too_wide(graph, node, name, source, theirs, fixed, word))
        elif theirs > 1:
            if first is not None and theirs != count:
                raise _error(
                    graph,
                    node,
                    f"{graph.names[node]} gets {count} {word} from {graph.where(first)} "
                    f"and {theirs} from {graph.where(source)}: make them equal, or one of them 1",
                )
            count, first = theirs, source
    return count


def _too_wide(graph: Net, node: Node, port: str, source: Cable, theirs: int, fixed: int, word: str) -> str:
    wants = f"{fixed} {word[:-1] if fixed == 1 else word}"
    where = graph.where(source)
    text = f"{graph.names[node]}.{port} takes {wants}, but {where} has {theirs}"
    if word == "voices":
        return f"{text}: insert a Mix or a Pan"
    channels = f"`c: {{node: Channels, audio: {where}}}`"
    if fixed == 1:
        return f"{text}: insert {channels} and connect `(c.left + c.right) * 0.5`"
    return f"{text}: insert {channels} and use its outputs left and right"


def _error(graph: Net, node: Node, message: str) -> GraphError:
    return GraphError(message, graph.names[node])


def node_width(node: Node, cables: Width) -> Width:
    """A node's width: from its cables, or from its declaration if its input widths are fixed."""
    ins = [port for port in node.ins().values() if port.kind == "signal"]
    outs = [port for port in node.outs().values() if port.kind == "signal"]
    if not outs or any(port.voices is None and port.channels is None for port in ins):
        return cables
    widest = (
        max((p.voices or cables[0] for p in ins), default=1),
        max((p.channels or cables[1] for p in ins), default=1),
    )
    return out_width(node, outs[0], widest)


def input_width(port: In, node: Width) -> Width:
    """The width expected at an input by a node of width `node`."""
    return (port.voices or node[0], port.channels or node[1])


def out_width(node: Node, port: Out, width: Width) -> Width:
    """The output width of a node of width `width`."""

    def count(said: int | str | None, otherwise: int) -> int:
        return int(node.options[said]) if isinstance(said, str) else otherwise if said is None else said

    return count(port.voices, width[0]), count(port.channels, width[1])
