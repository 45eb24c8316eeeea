"""`SubPatch`: a patch as a node of another, and what its `inputs:` declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graph.errors import NodeError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError, Token, tokens
from graph.language.units import UNITS, quantity
from graph.node.node import Cable, Node
from graph.node.ports import FRAMEWORK_FIELDS, In
from graph.patch.connections import Place
from graph.patch.options import constant
from graph.patch.scope import Names, bad_name
from graph.patch.values import ScopeError

if TYPE_CHECKING:
    from graph.patch.presets import Setting

KEYS = ("default", "unit", "min", "max", "curve", "kind", "doc")
KINDS = ("signal", "events", "clock")
CURVES = ("linear", "log")
PORT_UNITS = ("Hz", "s", "bpm", "degrees", "semitones", "cents", "dB", "beats", "bars")
TAKEN = ("node", "patch", "preset", "name", "serial", "inputs", "options", "outputs", "names", "presets", "process")


class SubPatch(Node):
    """The inputs of a patch that is a node: what stands in it listens to them. It runs nothing itself.

    file      the patch
    outputs   the cables that its `outputs:` name
    names     what stands in it
    presets   its named sets of values
    """

    file: ClassVar[str] = ""
    defaults: ClassVar[dict[str, tree.Tree]] = {}
    """Inputs that are connected to something of the patch's own until something else is given."""
    mistaken: ClassVar[list[str]] = []
    """Inputs whose declaration has a mistake."""
    places: ClassVar[dict[str, Place]] = {}
    """Where the inputs are declared."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.outputs: dict[str, Cable] = {}
        self.names = Names()
        self.presets: dict[str, list[Setting]] = {}

    def cable(self, port: str | None = None) -> Cable:
        """The cable from an output, by default the first; inputs may be listened to as well."""
        if port is None and self.outputs:
            return next(iter(self.outputs.values()))
        return self.outputs.get(port) or super().cable(port)  # type: ignore[arg-type]

    def inside(self, path: str) -> Cable | None:
        """What `NAME.path` is in the patch around: an output, an input, or a node within; ScopeError if none."""
        head = path.partition(".")[0]
        if path in self.outputs or path in self.ins() or not path:
            return self.cable(path or None)
        if head in self.names.named:
            return self.names.cable(path)
        hint = did_you_mean(path, [*self.outputs, *self.names.named]) or f" Its outputs: {', '.join(self.outputs)}"
        raise ScopeError(f"{self.name} ({type(self).__name__}) has no output '{path}'.{hint}")


def declare(source: tree.Source, inputs: tree.Tree | None, file: str) -> type[SubPatch]:
    """The class with the ports that `inputs:` declares; mistakes are noted in `source`."""
    body: dict[str, Any] = {"file": file, "defaults": {}, "mistaken": [], "places": {}, "__module__": __name__}
    if isinstance(inputs, tree.Mapping):
        for key, value in inputs.entries:
            body["places"][key.text] = Place(source, key.line, key.column)
            reason = _bad_input(key.text)
            if reason:
                source.problem(key.line, key.column, reason)
            port = None if reason else _Declaration(source, key, value).port()
            if port is None:
                body["mistaken"].append(key.text)
            else:
                body[key.text] = port[0]
                if port[1] is not None:
                    body["defaults"][key.text] = port[1]
    elif inputs is not None and not isinstance(inputs, tree.Broken):
        example = "`bright: {default: 50%, min: 0, max: 1}`"
        source.problem(inputs.line, inputs.column, f"`inputs:` holds lines such as {example}")
    return type(file.replace("\\", "/").rpartition("/")[2], (SubPatch,), body)


def _bad_input(name: str) -> str:
    if hasattr(SubPatch, name) or name in TAKEN + FRAMEWORK_FIELDS or name.startswith("_"):
        return f"'{name}' is a word of the framework; choose another name for this input"
    return bad_name(name).replace("a node's name", "an input's name")


class _Declaration:
    """One entry of `inputs:`."""

    def __init__(self, source: tree.Source, key: tree.Scalar, value: tree.Tree) -> None:
        self.source = source
        self.key = key
        self.value = value
        self.good = True

    def problem(self, at: tree.Tree, message: str, offset: int = 0) -> None:
        column = at.column_of(offset) if isinstance(at, tree.Scalar) else at.column
        self.source.problem(at.line, column, message)
        self.good = False

    def port(self) -> tuple[In, tree.Tree | None] | None:
        """The port, and the default where that is a cable; None after a mistake."""
        words: dict[str, tree.Tree] = {}
        if isinstance(self.value, tree.Scalar):
            words["default"] = self.value
        elif isinstance(self.value, tree.Mapping):
            words = {word.text: entry for word, entry in self.value.entries}
            for word, _ in self.value.entries:
                if word.text not in KEYS:
                    near = did_you_mean(word.text, KEYS)
                    self.problem(word, f"an input has no key '{word.text}'.{near} It has: {', '.join(KEYS)}")
        elif not isinstance(self.value, tree.Broken):
            self.problem(self.value, f"an input is written `{self.key.text}: {{default: 0.5, min: 0, max: 1}}`")
        if not words:
            return None
        kind = self.choice(words, "kind", KINDS)
        if kind != "signal":
            return self.cable_port(words, kind)
        unit = self.choice(words, "unit", PORT_UNITS, "") if "unit" in words else self.unit_of(words)
        numbers = {word: self.number(words[word], unit, word) for word in ("min", "max") if word in words}
        default, cable = self.default(words.get("default"), unit)
        curve = self.choice(words, "curve", CURVES)
        doc = self.text(words, "doc")
        if not self.good:
            return None
        try:
            port = In(default, unit, **numbers, curve=curve, optional=cable is not None, doc=doc)  # type: ignore[arg-type]
        except NodeError as error:
            self.problem(words.get("default", self.key), f"{self.key.text}: {error}")
            return None
        return port, cable

    def cable_port(self, words: dict[str, tree.Tree], kind: str) -> tuple[In, tree.Tree | None] | None:
        for word, value in words.items():
            if word in ("unit", "min", "max", "curve"):
                self.problem(value, f"`{word}` does not go with `kind: {kind}`")
        default = words.get("default")
        doc = self.text(words, "doc")
        port = In(kind=kind, optional=default is not None, doc=doc)  # type: ignore[arg-type]
        return (port, default) if self.good else None

    def text(self, words: dict[str, tree.Tree], word: str) -> str:
        value = words.get(word)
        if value is not None and not isinstance(value, tree.Scalar):
            self.problem(value, f"`{word}:` is a line of text")
        return value.text if isinstance(value, tree.Scalar) else ""

    def choice(self, words: dict[str, tree.Tree], word: str, known: tuple[str, ...], default: str | None = None) -> str:
        default = known[0] if default is None else default
        if word not in words:
            return default
        text = self.text(words, word)
        if text in known:
            return text
        if self.good and text in UNITS and word == "unit" and UNITS[text].dimension in known:
            self.problem(words[word], f"unit: write `{UNITS[text].dimension}`; values may be in {text} all the same")
        elif self.good:
            self.problem(words[word], f"{word}: '{text}' is not one of {', '.join(known)}")
        return default

    def unit_of(self, words: dict[str, tree.Tree]) -> str:
        """The unit in which the first of the numbers is given."""
        for word in ("default", "min", "max"):
            value = words.get(word)
            for token in _tokens(value.text) if isinstance(value, tree.Scalar) else ():
                if token.kind == "note":
                    return "Hz"
                if token.text in UNITS and token.text not in ("dB", "%"):
                    return token.text if token.text in PORT_UNITS else quantity(1.0, token.text)[1]
        return ""

    def number(self, value: tree.Tree, unit: str, word: str) -> float | None:
        try:
            if isinstance(value, tree.Scalar):
                return constant(value.text, In(unit=unit), f"{self.key.text}: {word}")
            self.problem(value, f"`{word}:` is a number")
        except ExpressionError as error:
            self.problem(value, error.message, error.offset)
        return None

    def default(self, value: tree.Tree | None, unit: str) -> tuple[float | None, tree.Tree | None]:
        """A number, or a value with cables in it, which is read when the nodes are there."""
        if value is None or isinstance(value, tree.Broken):
            return None, None
        if not isinstance(value, tree.Scalar) or names_something(value.text):
            return None, value
        return self.number(value, unit, "default"), None


def names_something(text: str) -> bool:
    """Whether an expression has a cable in it."""
    return any(token.kind == "word" and token.text not in UNITS for token in _tokens(text))


def _tokens(text: str) -> list[Token]:
    try:
        return tokens(text)
    except ExpressionError:
        return []
