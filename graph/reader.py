"""From a patch's tree to nodes and cables: first all nodes, then what drives their inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph import yaml_tree as tree
from graph.errors import GraphError, NodeError, did_you_mean
from graph.expression import ExpressionError
from graph.model import Graph, check_block, check_rate
from graph.node import Cable, Node
from graph.options import constant, read_option
from graph.ports import In, Option
from graph.reference import Library
from graph.scope import Names, bad_name
from graph.values import Amount, Calculator, fit
from graph.yaml_traps import missing_space

KEYS = ("name", "doc", "nodes", "out", "block", "rate")
MAX_NODES = 100_000

OUT = In(doc="What is heard.")


class Reader:
    """Reads one patch and notes all its mistakes in its source.

    source    the text and the mistakes
    folder    what files in the patch are relative to
    library   the node classes
    """

    def __init__(self, source: tree.Source, folder: Path, library: Library) -> None:
        self.source = source
        self.folder = folder
        self.library = library
        self.scope = Names()
        self.connections: list[tuple[Node, In, tree.Tree]] = []
        self.places: dict[Node, tree.Tree] = {}
        self.clocks: dict[tuple[Cable, str], Cable] = {}

    def graph(self) -> Graph:
        """The graph of the whole patch; a PatchError with all mistakes."""
        top = self.top()
        self.nodes(top.get("nodes"))
        out = self.out(top["out"]) if "out" in top else None
        settings = {
            "name": self.text(top, "name"),
            "block": self.setting(top, "block", check_block),
            "rate": self.setting(top, "rate", check_rate),
        }
        self.text(top, "doc")
        self.source.raise_problems()
        assert out is not None
        named = {name: node for name, node in self.scope.named.items() if node is not None}
        graph = Graph(out, nodes=named, **{key: value for key, value in settings.items() if value is not None})
        try:
            graph.check()
        except GraphError as error:
            node = graph.nodes.get(getattr(error, "node", ""))
            place = self.places.get(node) if node is not None else None
            self.source.problem(place.line if place else 1, place.column if place else 1, str(error))
            self.source.raise_problems()
        return graph

    def problem(self, at: tree.Tree, message: str) -> None:
        self.source.problem(at.line, at.column, message)

    def top(self) -> dict[str, tree.Tree]:
        parsed = tree.parse(self.source)
        if not isinstance(parsed, tree.Mapping):
            text = parsed.text if isinstance(parsed, tree.Scalar) else ""
            self.problem(parsed, missing_space(text) or "a patch is made of `nodes:` and `out:`")
            self.source.raise_problems()
            return {}
        for key, _ in parsed.entries:
            if key.text not in KEYS:
                known = ", ".join(KEYS)
                self.problem(key, f"a patch has no key '{key.text}'.{did_you_mean(key.text, KEYS)} It has: {known}")
        found = {key.text: value for key, value in parsed.entries}
        if not self.source.problems:
            for word, holds in (("nodes", "the nodes"), ("out", "the name of the node that is heard")):
                if word not in found:
                    self.problem(parsed, f"the patch has no `{word}:`; it holds {holds}")
        return found

    def text(self, top: dict[str, tree.Tree], key: str) -> str | None:
        value = top.get(key)
        if value is None or isinstance(value, tree.Scalar):
            return value.text if value else None
        self.problem(value, f"`{key}:` is a line of text")
        return None

    def setting(self, top: dict[str, tree.Tree], key: str, check: Any) -> Any:
        value = top.get(key)
        if value is None:
            return None
        try:
            if not isinstance(value, tree.Scalar):
                raise GraphError(f"`{key}:` is a number")
            number = constant(value.text, In(unit="Hz" if key == "rate" else ""), key)
            return check(int(number) if number == int(number) else number)
        except GraphError as error:
            self.problem(value, str(error))
        except ExpressionError as error:
            self.problem(value, error.message)
        return None

    def nodes(self, nodes: tree.Tree | None) -> None:
        """Makes every node, then connects them, those with clocks and events first."""
        if isinstance(nodes, tree.Mapping):
            if len(nodes.entries) > MAX_NODES:
                self.problem(nodes, f"the patch has {len(nodes.entries):,} nodes; {MAX_NODES:,} are allowed")
                self.source.raise_problems()
            for key, value in nodes.entries:
                self.scope.named[key.text] = self.node(key, value)
        elif nodes is not None and not isinstance(nodes, tree.Broken):
            self.problem(nodes, "`nodes:` holds lines such as `osc: {node: Saw, freq: 220 Hz}`")
        self.connections.sort(key=lambda connection: connection[1].kind == "signal")
        for node, port, value in self.connections:
            where = f"{node.name}.{port.name}"
            driver = self.drive(value, port, where, node)
            if driver is not None:
                node.inputs[port.name] = driver

    def node(self, key: tree.Scalar, value: tree.Tree) -> Node | None:
        """One entry of `nodes:`; None after a mistake that leaves no node."""
        name = key.text
        reason = bad_name(name)
        if reason:
            self.problem(key, reason)
            self.scope.refused.append(name)
        if isinstance(value, tree.Broken):
            return None
        if not isinstance(value, tree.Mapping):
            text = value.text if isinstance(value, tree.Scalar) else ""
            written = f"`{name}: {{node: {text if text.isidentifier() else 'Saw'}}}`"
            self.problem(value if text else key, missing_space(text) or f"a node is written {written}")
            return None
        entries = {word.text: (word, entry) for word, entry in value.entries}
        if "node" not in entries:
            near = next((w for w, _ in value.entries if w.text.lower() in ("nodes", "node", "type", "class")), None)
            self.problem(near or key, f"'{name}' does not say which node it is: write `{name}: {{node: Saw, ...}}`")
            return None
        cls = self.node_class(entries["node"][1])
        if cls is None:
            return None
        options: dict[str, Any] = {}
        for word, (at, entry) in entries.items():
            option = cls.fields.get(word)
            if isinstance(option, Option):
                self.option(options, option, entry, f"{name}.{word}")
            elif word != "node" and not isinstance(option, In):
                known = [each for each, field in cls.fields.items() if isinstance(field, In | Option)]
                near_word = did_you_mean(word, known)
                self.problem(at, f"{cls.__name__} has no input '{word}'.{near_word} It has: {', '.join(known)}")
        node = cls(name=name, **options)
        self.places[node] = key
        for word, (_, entry) in entries.items():
            port = cls.fields.get(word)
            if isinstance(port, In):
                self.connections.append((node, port, entry))
        return None if reason else node

    def node_class(self, value: tree.Tree) -> type[Node] | None:
        if isinstance(value, tree.Broken):
            return None
        if not isinstance(value, tree.Scalar):
            self.problem(value, "`node:` is the name of a node class, such as Saw")
            return None
        try:
            return self.library.find(value.text)
        except NodeError as error:
            self.problem(value, str(error))
            return None

    def option(self, options: dict[str, Any], option: Option, value: tree.Tree, where: str) -> None:
        try:
            if not isinstance(value, tree.Broken):
                options[option.name] = read_option(option, value, where, self.folder)
        except NodeError as error:
            self.problem(value, str(error))
        except ExpressionError as error:
            assert isinstance(value, tree.Scalar)
            self.source.problem(value.line, value.column_of(error.offset), error.message)

    def out(self, value: tree.Tree) -> Cable | None:
        driver = self.drive(value, OUT, "out", None)
        if isinstance(driver, float):
            self.problem(value, "out: a number makes no sound; write the name of a node")
            return None
        return driver

    def drive(self, value: tree.Tree, port: In, where: str, node: Node | None) -> float | Cable | None:
        """What an input is given; None after a mistake."""
        calculator = Calculator(self.scope, lambda unit: self.seconds_per(unit, node, where))
        if port.kind != "signal" and isinstance(value, tree.Sequence | tree.Mapping):
            self.problem(value, f"{where} takes one cable of {port.kind}, not several")
            return None
        try:
            amount = self.amount(value, calculator, where)
            if amount is None:
                return None
            driver = fit(amount, port, where, calculator)
        except ExpressionError as error:
            self.at(value, error)
            return None
        if isinstance(driver, Cable) and driver.node not in self.places:
            self.places[driver.node] = value
        return driver

    def at(self, value: tree.Tree, error: ExpressionError) -> None:
        """Notes a mistake in a value."""
        column = value.column_of(error.offset) if isinstance(value, tree.Scalar) else value.column
        self.source.problem(value.line, column, error.message)

    def amount(self, value: tree.Tree, calculator: Calculator, where: str) -> Amount | None:
        """A scalar, the sum of a list, or the sum of sends; None after a mistake that has been noted."""
        if isinstance(value, tree.Broken):
            return None
        if isinstance(value, tree.Scalar):
            return self.scalar(value, calculator, where)
        parts: list[tuple[tree.Tree, Amount | None]] = []
        if isinstance(value, tree.Sequence):
            parts = [(item, self.part(item, calculator, where)) for item in value.items]
        else:
            for key, level in value.entries:
                parts.append((key, self.send(key, level, calculator, where)))
        if not parts:
            raise ExpressionError(f"{where} has no value", 0)
        total = parts[0][1]
        for at, part in parts[1:]:
            if total is None or part is None:
                total = None
                continue
            try:
                total = calculator.binary("+", total, part)
            except ExpressionError as error:
                self.problem(at, error.message)
                total = None
        return total

    def part(self, value: tree.Tree, calculator: Calculator, where: str) -> Amount | None:
        try:
            return self.amount(value, calculator, where)
        except ExpressionError as error:
            self.at(value, error)
            return None

    def send(self, key: tree.Scalar, value: tree.Tree, calculator: Calculator, where: str) -> Amount | None:
        """`{echo: -12 dB}`: a cable with a level."""
        if key.text == "node":
            self.problem(key, "a node within a value: give it a name under `nodes:` and write that name here")
            return None
        audio, level = self.part(key, calculator, where), self.part(value, calculator, where)
        if audio is None or level is None:
            return None
        if not isinstance(audio.value, Cable):
            if audio.value is not None:
                self.problem(key, f"a send is a cable with a level, such as `{{osc: -6 dB}}`; `{key.text}` is a number")
            return None
        try:
            return calculator.gain(audio, level)
        except ExpressionError as error:
            self.at(value, error)
            return None

    def scalar(self, value: tree.Scalar, calculator: Calculator, where: str) -> Amount | None:
        if not value.text.strip():
            raise ExpressionError(f"{where} has no value", 0)
        if any(name in value.text for name in self.scope.refused):
            return None
        calculator.text = value.text
        calculator.unknown = []
        amount = calculator.evaluate()
        for error in calculator.unknown:
            self.at(value, error)
        return None if calculator.unknown or amount.value is None else amount

    def seconds_per(self, unit: str, node: Node | None, where: str) -> Cable:
        """The seconds that a beat or a bar of a node's own clock lasts."""
        from graph.arithmetic import SecondsPerBar, SecondsPerBeat

        clock = node.inputs.get("clock") if node else None
        if node is None or "clock" not in node.ins():
            raise ExpressionError(f"{where} cannot be in {unit}, as no clock is here; write it in seconds or Hz", 0)
        if not isinstance(clock, Cable):
            raise ExpressionError(f"{where} is in {unit}: connect a clock to {node.name} as well, `clock: ...`", 0)
        key = (clock, unit)
        if key not in self.clocks:
            cls = SecondsPerBeat if unit == "beats" else SecondsPerBar
            self.clocks[key] = cls(clock=clock).cable()
        return self.clocks[key]
