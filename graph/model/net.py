"""`Net`: nodes and cables as pure data. Nothing here knows about buffers, time or devices.

`graph.Graph` is a Net that a user can also check, render, play and save; all code below it works with Nets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral, Real

from graph.errors import GraphError, NodeError, did_you_mean, several
from graph.node.node import Cable, Node, number_of, snake_case
from graph.node.place import BEGINNING, Place
from graph.node.ports import In

DEFAULT_BLOCK = 64
DEFAULT_RATE = 48_000
DEFAULT_LIMIT = 60.0
"""dB over full scale: a thousand times what a sound card can play."""


class Net:
    """Nodes and cables, ready to render or play: everything that `out` depends on.

    out     node or cable to output: one voice, any number of channels
    nodes   additional nodes of the graph; a mapping gives their names
    name    title for display
    block   frames per block; rate: preferred sample rate in Hz, or None
    limit   dB over full scale, 0 to 120: the guard fades out and resets a loop or a node that exceeds it
    """

    def __init__(
        self,
        out: Node | Cable,
        *,
        nodes: Mapping[str, Node] | Iterable[Node] = (),
        name: str = "",
        block: int = DEFAULT_BLOCK,
        rate: float | str | None = None,
        limit: float = DEFAULT_LIMIT,
    ) -> None:
        if not isinstance(out, Node | Cable):
            add = ": add them, a + b" if isinstance(out, list | tuple) else ""
            raise GraphError(f"out must be a node or a cable, not {out!r}{add}")
        self.out = out.cable() if isinstance(out, Node) else out
        self.name = name
        self.block = check_block(block)
        self.rate = None if rate is None else check_rate(rate)
        self.limit = check_limit(limit)
        self.start: Place = BEGINNING
        """Where in the music it begins; `graph.perform.excerpt` moves it."""
        given = nodes if isinstance(nodes, Mapping) else {}
        roots = [self.out.node, *(given.values() if given else nodes)]
        found = _reach(roots)
        self.nodes = _named(found, {node: name for name, node in given.items()})
        self.names = {node: name for name, node in self.nodes.items()}

    def __iter__(self) -> Iterator[str]:
        """The names of the nodes; `nodes.items()` gives both."""
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, name: object) -> bool:
        return name in self.nodes

    def __getitem__(self, name: str) -> Node:
        """The node of that name; GraphError if there is none."""
        return find_node(self.nodes, name)

    def __setitem__(self, path: str, value: float | str) -> None:
        """Same as `set`: `graph["filter.cutoff"] = "2 kHz"`."""
        self.set(path, value)

    def __repr__(self) -> str:
        named = f" {self.name}" if self.name else ""
        return f"<{type(self).__name__}{named}: {several(len(self), 'node')}, out: {self.where(self.out)}>"

    def add(self, node: Node, name: str) -> str:
        """Adds a node that will feed an existing one; returns its name, which gets a number if `name` is taken."""
        free, count = name, 1
        while free in self.nodes:
            count += 1
            free = f"{name}_{count}"
        self.nodes[free], self.names[node], node.name = node, free, free
        return free

    def where(self, cable: Cable) -> str:
        """A cable's name in this graph, such as `env.out`."""
        return f"{self.names[cable.node]}.{cable.port}"

    def find(self, path: str) -> tuple[Node, In]:
        """The node and input at `NODE.PORT`; GraphError if they do not exist."""
        return find_input(self.nodes, path)

    def set(self, path: str, value: float | str) -> None:
        """Sets the input `NODE.PORT` to a number or text such as "2 kHz", before the graph is rendered or played."""
        node, field = self.find(path)
        if isinstance(node.inputs.get(field.name), Cable):
            raise GraphError(driven(path, self.where(node.inputs[field.name])))  # type: ignore[arg-type]
        try:
            node.set(field.name, value)
        except NodeError as error:
            raise GraphError(str(error).replace(f"{node.label}.{field.name}", path, 1)) from None

    def doubts(self) -> list[str]:
        """[control] Warnings of the nodes about options and files: opcodes without effect, skipped damage."""
        return [doubt for node in self.nodes.values() for doubt in node.doubts()]


def find_node(nodes: Mapping[str, Node], name: str) -> Node:
    """The node `name`; GraphError, with the closest name, if there is none."""
    node = nodes.get(name)
    if node is None:
        raise GraphError(f"there is no node '{name}'.{did_you_mean(name, list(nodes))}".rstrip("."))
    return node


def find_input(nodes: Mapping[str, Node], path: str) -> tuple[Node, In]:
    """The node and input at `NODE.PORT`; GraphError if they do not exist."""
    name, dot, port = path.rpartition(".")
    if not dot:
        raise GraphError(f"'{path}' is not an input: write NODE.PORT, such as 'filter.cutoff'")
    node = find_node(nodes, name)
    field = node.ins().get(port)
    if field is None or field.kind != "signal":
        known = [key for key, each in node.ins().items() if each.kind == "signal"]
        raise GraphError(
            f"{name} ({type(node).__name__}) has no input '{port}' that takes a number."
            f"{did_you_mean(port, known)} Its inputs are {', '.join(known) or 'none'}"
        )
    return node, field


def driven(path: str, by: str) -> str:
    """Message for setting an input that a cable drives."""
    return f"{path} is driven by {by} and cannot be set: connect a Constant or a Control instead, and set that"


def check_block(block: int) -> int:
    """`block` if it is an integer from 1 to 8192."""
    if isinstance(block, bool) or not isinstance(block, Integral) or not 1 <= block <= 8192:
        raise GraphError(f"block must be 1 to 8192 frames, not {block}")
    return int(block)


def check_rate(rate: float | str) -> float:
    """`rate` if it is a sample rate from 8 to 192 kHz, also as text such as "44.1 kHz"."""
    hertz = number_of(rate, In(unit="Hz"), "rate") if isinstance(rate, str) else rate
    if isinstance(hertz, bool) or not isinstance(hertz, Real) or not 8_000 <= float(hertz) <= 192_000:
        raise GraphError(f"the sample rate must be 8000 to 192000 Hz, not {rate}")
    return float(hertz) if float(hertz) % 1 else int(float(hertz))


def check_limit(limit: float) -> float:
    """`limit` if it is a level of 0 to 120 dB over full scale."""
    if isinstance(limit, bool) or not isinstance(limit, Real) or not 0 <= limit <= 120:
        raise GraphError(f"the limit must be 0 to 120 dB over full scale, not {limit}")
    return float(limit)


def _reach(roots: list[Node]) -> list[Node]:
    """The roots and all nodes that feed them, in creation order."""
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if not isinstance(node, Node):
            raise GraphError(f"{node!r} is not a node")
        if node not in seen:
            seen.add(node)
            stack += [value.node for value in node.inputs.values() if isinstance(value, Cable)]
    return sorted(seen, key=lambda node: node.serial)


def _named(nodes: list[Node], given: dict[Node, str]) -> dict[str, Node]:
    named: dict[str, Node] = {}
    for node in nodes:
        name = given.get(node, node.name)
        if name:
            if not all(part.isidentifier() for part in name.split(".")):  # outer.inner: of a patch within the patch
                raise GraphError(f"'{name}' is not a valid node name: use letters, digits and _")
            if name in named:
                raise GraphError(f"two nodes are named '{name}'")
            named[name] = node
    counts: dict[str, int] = {}
    for node in nodes:
        if not given.get(node, node.name):
            base = name = snake_case(type(node).__name__)
            count = counts.get(base, 1)
            while name in named:
                count += 1
                name = f"{base}_{count}"
            counts[base] = count
            named[name] = node
    return named
