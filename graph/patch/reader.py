"""From a patch's tree to nodes and cables: first all nodes, then what drives their inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graph.errors import GraphError, PatchError, Problem, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError
from graph.model.net import Graph, check_block, check_limit, check_rate
from graph.node.library import Library
from graph.node.node import Cable, Node
from graph.node.ports import In
from graph.patch.bundle import no_such_node
from graph.patch.connections import Connections, Place
from graph.patch.entries import Entries, Words
from graph.patch.files import MAX_DEPTH, Files, PatchFile, dict_of
from graph.patch.options import constant
from graph.patch.presets import Setting, chosen, read_presets, setting
from graph.patch.scope import Names, bad_name
from graph.patch.subpatch import SubPatch, declare

KEYS = ("name", "doc", "inputs", "nodes", "outputs", "out", "presets", "block", "rate", "limit")
HINTS = {
    "output": " Did you mean 'out'?",
    **dict.fromkeys(("connections", "cables", "wires", "links"), " A cable is written where it ends: `audio: osc`."),
}
NO_OUT = "the patch has no `out:`; after it stands the name of the node that is heard"
MAX_NODES = 100_000
OWN = "inputs"
"""The node that holds the inputs of a patch which is not within another."""
OUT = In(doc="What is heard.")


@dataclass
class Shared:
    """What the readers of a patch and of all that it contains have in common.

    named    every node by its whole name, outer.inner
    places   where every node stands, those of expressions too
    order    their names as they were made: those within a patch stand together
    doubts   what was hardly meant, as it was read
    aims     the cables for which the nodes of each patch within are there, whether or not they are used
    """

    files: Files
    library: Library
    named: dict[str, Node] = field(default_factory=dict)
    places: dict[Node, Place] = field(default_factory=dict)
    aims: list[Cable] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def add(self, name: str, node: Node, place: Place) -> None:
        """A node under its whole name."""
        self.named[name] = node
        self.places[node] = place
        self.order.append(name)

    def where(self, cable: Cable) -> str:
        """A cable's name for messages; what an expression needed has none."""
        name = next((name for name, node in self.named.items() if node is cable.node), "")
        return f"{name}.{cable.port}" if name else "an expression"


class Reader:
    """Reads one patch, alone or as a node of another, and notes all its mistakes in its source.

    file     the patch
    prefix   what stands before the names of its nodes, such as `bells.`
    chain    the files around it
    """

    def __init__(self, file: PatchFile, shared: Shared, prefix: str = "", chain: tuple[PatchFile, ...] = ()) -> None:
        self.file = file
        self.source = file.source
        self.shared = shared
        self.prefix = prefix
        self.chain = (*chain, file)
        self.scope = Names()
        self.wiring = Connections(file.source, self.scope, shared.places, shared.doubts)
        self.entries = Entries(self.wiring, file.folder, shared.library, self.patch_node)
        self.presets: dict[str, list[Setting]] = {}
        self.own: SubPatch | None = None
        self.first = len(shared.order)

    def graph(self) -> Graph:
        """The graph of the whole patch; a PatchError with all mistakes."""
        files = self.shared.files
        if files.parse(self.file) is not None and files.size(self.file) > MAX_NODES:
            self.source.problem(1, 1, f"the patch and the patches in it have more than {MAX_NODES:,} nodes")
            files.raise_problems()
        top = self.read(None)
        outputs = self.outputs(top)
        out = self.out(top["out"]) if "out" in top else next(iter(outputs.values()), None)
        settings = {
            "name": self.text(top, "name"),
            "block": self.setting(top, "block", check_block),
            "rate": self.setting(top, "rate", check_rate),
            "limit": self.setting(top, "limit", check_limit),
        }
        self.finish(top)
        if out is None and not files.problems():
            self.problem(top["outputs"], NO_OUT)
        files.raise_problems()
        assert out is not None
        named = self.shared.named
        for name, node in named.items():
            node.name = name
        graph = Graph(out, nodes=named, **{key: value for key, value in settings.items() if value is not None})
        try:
            graph.check()
        except GraphError as error:
            place = self.shared.places.get(graph.nodes[error.node]) if error.node in graph.nodes else None
            (place or Place(self.source, 1, 1)).problem(str(error))
            files.raise_problems()
        return graph

    def within(self, shell: SubPatch) -> None:
        """Reads the patch as the node `shell` of another."""
        top = self.read(shell)
        shell.outputs = self.outputs(top)
        if "outputs" not in top and "out" in top:
            out = self.wiring.cable(top["out"], "out")
            shell.outputs = {"out": out} if out else {}
        shell.names = self.scope
        self.shared.aims += [*shell.outputs.values()]
        self.finish(top)
        shell.presets = self.presets

    def read(self, shell: SubPatch | None) -> dict[str, tree.Tree]:
        """The nodes and their connections; the patch's keys."""
        top = self.top()
        if shell is None and "inputs" in top:
            self.file.shell = declare(self.source, top["inputs"], self.file.name)
            shell = self.file.shell(name=OWN)
            self.shared.add(OWN, shell, Place(self.source, top["inputs"].line, top["inputs"].column))
        self.own = shell
        if shell is not None:
            self.scope.inputs = {name: Cable(shell, name) for name in shell.ins()}
            self.scope.named.update(dict.fromkeys(shell.mistaken))
        self.nodes(top.get("nodes"))
        for name, value in shell.defaults.items() if shell else ():
            driver = self.wiring.drive(value, shell.ins()[name], name, None)  # type: ignore[union-attr]
            if driver is not None:
                shell.inputs[name] = driver  # type: ignore[union-attr]
            if isinstance(driver, Cable):
                self.shared.aims.append(driver)
        return top

    def finish(self, top: dict[str, tree.Tree]) -> None:
        """Presets, and what is for people alone."""
        self.text(top, "name")
        self.text(top, "doc")
        if "presets" not in top:
            return
        within = self.shared.order[self.first :]
        local = {name[len(self.prefix) :]: self.shared.named[name] for name in within}

        def make(path: str, value: tree.Tree) -> Setting | None:
            head = path.partition(".")[0]
            if self.scope.unknown or (head in self.scope.named and self.scope.named[head] is None):
                return None  # a node with a mistake
            return setting(local, self.own, path, value, self.file.folder, self.shared.where)

        self.presets = read_presets(self.source, top["presets"], make)

    def problem(self, at: tree.Tree, message: str) -> None:
        """Notes a mistake at the beginning of a value."""
        self.source.problem(at.line, at.column, message)

    def top(self) -> dict[str, tree.Tree]:
        """The patch's own keys with their values."""
        parsed = self.shared.files.parse(self.file)
        if parsed is None:
            self.shared.files.raise_problems()
            return {}
        for key, value in parsed.entries:
            if isinstance(value, tree.Mapping) and any(word.text in ("node", "patch") for word, _ in value.entries):
                if key.text not in KEYS:
                    self.problem(key, f"nodes stand under `nodes:`, each further in: `  {key.text}: ...`")
            elif key.text not in KEYS:
                hint = HINTS.get(key.text.lower()) or did_you_mean(key.text, KEYS)
                self.problem(key, f"a patch has no key '{key.text}'.{hint} It has: {', '.join(KEYS)}")
        found = dict_of(parsed)
        if not self.source.problems:
            if "nodes" not in found:
                self.problem(parsed, "the patch has no `nodes:`; below it stand lines such as `osc: {node: Saw}`")
            if "out" not in found and "outputs" not in found:
                self.problem(parsed, NO_OUT)
        return found

    def text(self, top: dict[str, tree.Tree], key: str) -> str | None:
        """The text of a key, if it is there."""
        value = top.get(key)
        if value is None or isinstance(value, tree.Scalar):
            return value.text if value else None
        self.problem(value, f"`{key}:` is a line of text")
        return None

    def setting(self, top: dict[str, tree.Tree], key: str, check: Any) -> Any:
        """The number of a key, if it is there and `check` takes it."""
        value = top.get(key)
        if value is None:
            return None
        try:
            if not isinstance(value, tree.Scalar):
                raise GraphError(f"`{key}:` is a number")
            number = constant(value.text, In(unit={"rate": "Hz", "limit": "dB"}.get(key, "")), key)
            return check(int(number) if number == int(number) else number)
        except GraphError as error:
            self.problem(value, str(error))
        except ExpressionError as error:
            self.problem(value, error.message)
        return None

    def nodes(self, nodes: tree.Tree | None) -> None:
        """Makes every node, then connects them."""
        if isinstance(nodes, tree.Mapping):
            for key, value in nodes.entries:
                node = self.entries.node(key, value)
                self.scope.named[key.text] = node  # None for one with a mistake
                if node is not None:
                    self.shared.add(self.prefix + key.text, node, Place(self.source, key.line, key.column))
        else:
            self.scope.unknown = True
            if nodes is not None and not isinstance(nodes, tree.Broken):
                dashes = ", without `-`" if isinstance(nodes, tree.Sequence) else ""
                self.problem(nodes, f"`nodes:` holds lines such as `osc: {{node: Saw, freq: 220 Hz}}`{dashes}")
        self.entries.connect()

    def patch_node(self, name: str, words: Words) -> SubPatch | None:
        """The node of a `{patch: FILE, ...}`, with all that is in it; None after a mistake."""
        at = words["patch"][1]
        if not isinstance(at, tree.Scalar) or not at.text.strip():
            if not isinstance(at, tree.Broken):
                self.problem(at, "`patch:` is the name of a patch, such as instruments/bells.yaml")
            return None
        files = self.shared.files
        try:
            file = files.child(self.file, at.text)
        except PatchError as error:
            self.problem(at, f"'{at.text}': {error.problems[0].message}")
            return None
        reason = "" if file else no_such_node(at.text, self.file.folder)
        if file in self.chain:
            names = [each.name for each in (*self.chain[self.chain.index(file) :], file)]
            reason = f"a patch cannot contain itself: {' -> '.join(names)}"
        elif len(self.chain) > MAX_DEPTH:
            reason = f"patches are nested more than {MAX_DEPTH} deep"
        if reason or file is None:
            self.problem(at, reason)
            return None
        if files.parse(file) is None or file.failed:
            return None  # what is wrong with it has been noted
        before = files.mistakes
        file.shell = file.shell or declare(file.source, dict_of(file.tree).get("inputs"), file.name)
        shell = file.shell(name=name)
        Reader(file, self.shared, f"{self.prefix}{name}.", self.chain).within(shell)
        file.failed = files.mistakes > before
        if not shell.outputs and not file.failed:
            self.problem(at, f"'{at.text}' has neither `outputs:` nor `out:`, so nothing can come from it")
        if not shell.outputs or file.failed:
            return None
        self.choose(shell, words)
        return shell

    def choose(self, shell: SubPatch, words: Words) -> None:
        """`preset: NAME` of a patch node; what the node itself is given goes before it."""
        if "preset" not in words:
            return
        value = words["preset"][1]
        try:
            for each in chosen(shell.presets, value.text if isinstance(value, tree.Scalar) else ""):
                each.apply()
        except GraphError as error:
            self.problem(value, str(error))

    def outputs(self, top: dict[str, tree.Tree]) -> dict[str, Cable]:
        """The cables that `outputs:` names."""
        value = top.get("outputs")
        if isinstance(value, tree.Mapping):
            found = {}
            for key, entry in value.entries:
                reason = bad_name(key.text).replace("a node's name", "an output's name")
                if reason:
                    self.problem(key, reason)
                cable = None if reason else self.wiring.cable(entry, key.text)
                if cable is not None:
                    found[key.text] = cable
            return found
        if value is not None and not isinstance(value, tree.Broken):
            self.problem(value, "`outputs:` holds lines such as `out: filter`")
        return {}

    def out(self, value: tree.Tree) -> Cable | None:
        """What is heard."""
        driver = self.wiring.drive(value, OUT, "out", None)
        if isinstance(driver, float):
            self.problem(value, "out: a number makes no sound; write the name of a node")
            return None
        return driver
