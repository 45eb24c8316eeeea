"""Builds nodes and cables from a patch's tree: first all nodes, then their connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graph.errors import GraphError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.mistakes import START, MistakeError, NotedError, Place
from graph.model.net import DEFAULT_BLOCK, Net, check_block, check_limit, check_rate
from graph.model.widths import check
from graph.node.library import Library
from graph.node.node import Cable, Node
from graph.node.ports import In
from graph.node.values import constant
from graph.patch.bundle import no_such_node
from graph.patch.connections import Connections
from graph.patch.entries import Entries, Words
from graph.patch.files import MAX_DEPTH, Files, PatchFile, dict_of, present
from graph.patch.presets import Setting, chosen, read_presets, setting
from graph.patch.scope import Names, bad_name
from graph.patch.subpatch import SubPatch, declare

KEYS = ("name", "doc", "inputs", "nodes", "outputs", "out", "presets", "block", "rate", "limit")
HINTS = {
    "output": " Did you mean 'out'?",
    **dict.fromkeys(("connections", "cables", "wires", "links"), " Write a cable at the input it feeds: `audio: osc`."),
}
NO_OUT = "the patch has no `out:`: name the node to output, as in `out: osc`"
MAX_NODES = 100_000
OWN = "inputs"
"""The node that holds the inputs of a top-level patch."""
OUT = In(doc="The sound of the patch.")


@dataclass
class ReadContext:
    """State shared by the readers of a patch and its nested patches.

    named    every node by its full name, outer.inner
    places   the position of every node, including those made by expressions
    order    node names in order of creation; those of a nested patch are contiguous
    blocks   block sizes requested by nested patches
    aims     the cables that the nodes of each nested patch serve, used or not
    file_clock   see `Connections`
    """

    files: Files
    library: Library
    named: dict[str, Node] = field(default_factory=dict)
    places: dict[Node, Place] = field(default_factory=dict)
    aims: list[Cable] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    file_clock: bool = False

    def add(self, name: str, node: Node, place: Place) -> None:
        """Adds a node under its full name."""
        self.named[name] = node
        self.places[node] = place
        self.order.append(name)

    def where(self, cable: Cable) -> str:
        """A cable's name for messages; a node made by an expression has none."""
        name = next((name for name, node in self.named.items() if node is cable.node), "")
        return f"{name}.{cable.port}" if name else "an expression"


class Reader:
    """Reads one patch, top-level or as a node of another, and records all its errors.

    file     the patch
    prefix   prefix of its node names, such as `bells.`
    chain    the enclosing files
    """

    def __init__(
        self, file: PatchFile, shared: ReadContext, prefix: str = "", chain: tuple[PatchFile, ...] = ()
    ) -> None:
        self.file = file
        self.mistakes = file.mistakes
        self.shared = shared
        self.prefix = prefix
        self.chain = (*chain, file)
        self.scope = Names()
        self.wiring = Connections(file.mistakes, self.scope, shared.places, file_clock=shared.file_clock)
        self.entries = Entries(self.wiring, file.folder, shared.library, self.patch_node)
        self.presets: dict[str, list[Setting]] = {}
        self.own: SubPatch | None = None
        self.first = len(shared.order)

    def graph(self, kind: type[Net]) -> Net:
        """The graph of the whole patch, of class `kind`; PatchError with all errors."""
        with self.mistakes.at(START):
            out, settings = self.whole()
        self.mistakes.raise_all()
        named = self.shared.named
        for name, node in named.items():
            node.name = name
        graph = kind(out, nodes=named, **{key: value for key, value in settings.items() if value is not None})
        try:
            check(graph)
        except GraphError as error:
            place = self.shared.places.get(graph.nodes[error.node]) if error.node in graph.nodes else None
            (place.mistakes if place else self.mistakes).add(place or START, str(error))
        self.mistakes.raise_all()
        return graph

    def whole(self) -> tuple[Cable, dict[str, Any]]:
        """The output cable of the patch, and its settings."""
        files = self.shared.files
        files.parse(self.file)
        if files.size(self.file) > MAX_NODES:
            raise GraphError(f"the patch, with the patches in it, has more than {MAX_NODES:,} nodes")
        top = self.read(None)
        heard: list[Cable] = [*self.outputs(top).values()]
        for value in present(top, "out"):
            with self.mistakes.at(value):
                heard.insert(0, self.out(value))
        settings = {
            "name": self.text(top, "name"),
            "block": self.setting(top, "block", check_block),
            "rate": self.setting(top, "rate", check_rate),
            "limit": self.setting(top, "limit", check_limit),
        }
        if self.shared.blocks:
            settings["block"] = min(settings["block"] or DEFAULT_BLOCK, *self.shared.blocks)
        self.finish(top)
        self.mistakes.raise_all()
        if not heard:
            raise MistakeError(top["outputs"], NO_OUT)
        return heard[0], settings

    def within(self, shell: SubPatch) -> None:
        """Reads the patch as the node `shell` of another."""
        top = self.read(shell)
        shell.outputs = self.outputs(top)
        if "outputs" not in top and "out" in top:
            with self.mistakes.at(top["out"]):
                shell.outputs["out"] = self.wiring.cable(top["out"], "out")
        shell.names = self.scope
        self.shared.aims += [*shell.outputs.values()]
        asked = self.setting(top, "block", check_block)
        self.shared.blocks += [asked] if asked else []
        if self.setting(top, "rate", check_rate):
            what = "`rate:` has no effect in a nested patch: move it to the outermost patch, or remove it"
            self.mistakes.doubt(top["rate"], what)
        self.finish(top)
        shell.presets = self.presets

    def read(self, shell: SubPatch | None) -> dict[str, tree.Tree]:
        """Reads the nodes and their connections; returns the patch's keys."""
        top = self.top()
        if shell is None and "inputs" in top:
            self.file.shell = declare(self.mistakes, top["inputs"], self.file.name)
            shell = self.file.shell(name=OWN)
            self.shared.add(OWN, shell, Place(self.mistakes, top["inputs"].line, top["inputs"].column))
        self.own = shell
        if shell is not None:
            self.scope.inputs = {name: Cable(shell, name) for name in shell.ins()}
            self.scope.named.update(dict.fromkeys(shell.mistaken))
        self.scope.unknown = not isinstance(top.get("nodes"), tree.Mapping)
        for value in present(top, "nodes"):
            with self.mistakes.at(value):
                self.nodes(value)
        self.entries.connect()
        for name, value in () if shell is None else shell.defaults.items():
            with self.mistakes.at(value):
                driver = self.wiring.drive(value, shell.ins()[name], name, None)  # type: ignore[union-attr]
                shell.inputs[name] = driver  # type: ignore[union-attr]
                self.shared.aims += [driver] if isinstance(driver, Cable) else []
        return top

    def finish(self, top: dict[str, tree.Tree]) -> None:
        """Reads presets, and the keys that are informational only."""
        self.text(top, "name")
        self.text(top, "doc")
        within = self.shared.order[self.first :]
        local = {name[len(self.prefix) :]: self.shared.named[name] for name in within}

        def make(path: str, value: tree.Tree) -> Setting:
            head = path.partition(".")[0]
            if self.scope.unknown or (head in self.scope.named and self.scope.named[head] is None):
                raise NotedError  # a node with an error
            return setting(local, self.own, path, value, self.file.folder, self.shared.where)

        for value in present(top, "presets"):
            with self.mistakes.at(value):
                self.presets = read_presets(self.mistakes, value, make)

    def top(self) -> dict[str, tree.Tree]:
        """The patch's top-level keys with their values."""
        parsed = self.shared.files.parse(self.file)
        for key, value in parsed.entries:
            if isinstance(value, tree.Mapping) and any(word.text in ("node", "patch") for word, _ in value.entries):
                if key.text not in KEYS:
                    self.mistakes.add(key, f"move this node under `nodes:`, indented: `  {key.text}: ...`")
            elif key.text not in KEYS:
                hint = HINTS.get(key.text.lower()) or did_you_mean(key.text, KEYS)
                self.mistakes.add(key, f"a patch has no key '{key.text}'.{hint} The keys are {', '.join(KEYS)}")
        found = dict_of(parsed)
        good = not self.mistakes.found
        if good and "nodes" not in found:
            self.mistakes.add(parsed, "the patch has no `nodes:`: add it, with lines such as `osc: {node: Saw}`")
        if good and "out" not in found and "outputs" not in found:
            self.mistakes.add(parsed, NO_OUT)
        return found

    def text(self, top: dict[str, tree.Tree], key: str) -> str | None:
        """The text of a key, if present."""
        for value in present(top, key):
            with self.mistakes.at(value):
                return tree.scalar(value, f"`{key}:` takes a line of text").text
        return None

    def setting(self, top: dict[str, tree.Tree], key: str, check: Any) -> Any:
        """The number of a key, if present and accepted by `check`."""
        for value in present(top, key):
            with self.mistakes.at(value):
                text = tree.scalar(value, f"`{key}:` takes a number").text
                number = constant(text, In(unit={"rate": "Hz", "limit": "dB"}.get(key, "")), key)
                return check(int(number) if number == int(number) else number)
        return None

    def nodes(self, nodes: tree.Tree) -> None:
        """Creates every node; a node with an error is None to the values that refer to it."""
        dashes = ", without `-`" if isinstance(nodes, tree.Sequence) else ""
        example = f"`nodes:` takes lines such as `osc: {{node: Saw, freq: 220 Hz}}`{dashes}"
        for key, value in tree.mapping(nodes, example).entries:
            with self.mistakes.at(key):
                self.scope.named[key.text] = None
                node = self.scope.named[key.text] = self.entries.node(key, value)
                self.shared.add(self.prefix + key.text, node, Place(self.mistakes, key.line, key.column))

    def patch_node(self, name: str, words: Words) -> SubPatch:
        """The node of a `{patch: FILE, ...}`, with all its contents."""
        at = words["patch"][1]
        example = "`patch:` takes the name of a patch, such as instruments/bells.yaml"
        path = tree.scalar(at, example).text
        if not path.strip():
            raise MistakeError(at, example)
        with self.mistakes.at(at) as attempt:
            file = self.patch_file(path)
        if attempt.failed:
            raise NotedError
        inputs = dict_of(self.shared.files.parse(file)).get("inputs")
        if file.failed:
            raise NotedError
        before = self.mistakes.count()
        file.shell = file.shell or declare(file.mistakes, inputs, file.name)
        shell = file.shell(name=name)
        Reader(file, self.shared, f"{self.prefix}{name}.", self.chain).within(shell)
        file.failed = self.mistakes.count() > before
        if file.failed:
            raise NotedError
        if not shell.outputs:
            raise MistakeError(at, f"'{path}' has no output: add `out:` or `outputs:` to it")
        for _, value in present(words, "preset"):
            with self.mistakes.at(value):  # values given at the node take precedence
                for each in chosen(shell.presets, value.text if isinstance(value, tree.Scalar) else ""):
                    each.apply()
        return shell

    def patch_file(self, path: str) -> PatchFile:
        """The file of `{patch: PATH}`; GraphError if it cannot be used as a node here."""
        file = self.shared.files.child(self.file, path)
        if file in self.chain:
            names = [each.name for each in (*self.chain[self.chain.index(file) :], file)]
            raise GraphError(f"a patch cannot contain itself: {' -> '.join(names)}")
        if len(self.chain) > MAX_DEPTH:
            raise GraphError(f"patches are nested more than {MAX_DEPTH} deep")
        if file is None:
            raise GraphError(no_such_node(path, self.file.folder))
        return file

    def outputs(self, top: dict[str, tree.Tree]) -> dict[str, Cable]:
        """The cables that `outputs:` names."""
        found: dict[str, Cable] = {}
        for value in present(top, "outputs"):
            with self.mistakes.at(value):
                for key, entry in tree.mapping(value, "`outputs:` takes lines such as `out: filter`").entries:
                    with self.mistakes.at(entry):
                        reason = bad_name(key.text).replace("valid node name", "valid output name")
                        if reason:
                            raise MistakeError(key, reason)
                        found[key.text] = self.wiring.cable(entry, key.text)
        return found

    def out(self, value: tree.Tree) -> Cable:
        """The output cable of the patch."""
        driver = self.wiring.drive(value, OUT, "out", None)
        if not isinstance(driver, Cable):
            raise MistakeError(value, "out: a number makes no sound: write the name of a node")
        return driver
