"""`SubPatch`: a patch as a node of another, and what its `inputs:` declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graph.errors import NodeError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError, Token, tokens
from graph.language.mistakes import START, MistakeError, Mistakes, NotedError, Place
from graph.language.units import UNITS, quantity
from graph.node.node import Cable, Node
from graph.node.ports import FRAMEWORK_FIELDS, In
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


def declare(mistakes: Mistakes, inputs: tree.Tree | None, file: str) -> type[SubPatch]:
    """The class with the ports that `inputs:` declares; its mistakes are noted."""
    body: dict[str, Any] = {"file": file, "defaults": {}, "mistaken": [], "places": {}, "__module__": __name__}
    with mistakes.at(inputs or START):
        example = "`inputs:` holds lines such as `bright: {default: 50%, min: 0, max: 1}`"
        for key, value in tree.mapping(inputs, example).entries if inputs else ():
            body["places"][key.text] = Place(mistakes, key.line, key.column)
            with mistakes.at(key) as declared:
                body[key.text], default = _Declaration(mistakes, key, value).port()
                body["defaults"] |= {} if default is None else {key.text: default}
            body["mistaken"] += [key.text] if declared.failed else []
    return type(file.replace("\\", "/").rpartition("/")[2], (SubPatch,), body)


def _bad_input(name: str) -> str:
    if hasattr(SubPatch, name) or name in TAKEN + FRAMEWORK_FIELDS or name.startswith("_"):
        return f"'{name}' is a word of the framework; choose another name for this input"
    return bad_name(name).replace("a node's name", "an input's name")


class _Declaration:
    """One entry of `inputs:`."""

    def __init__(self, mistakes: Mistakes, key: tree.Scalar, value: tree.Tree) -> None:
        self.mistakes = mistakes
        self.key = key
        self.value = value
        self.before = mistakes.count()

    @property
    def good(self) -> bool:
        """Whether nothing wrong has been found in it."""
        return self.mistakes.count() == self.before

    def port(self) -> tuple[In, tree.Tree | None]:
        """The port, and the default where that is a cable."""
        reason = _bad_input(self.key.text)
        if reason:
            raise MistakeError(self.key, reason)
        words = self.words()
        kind = self.choice(words, "kind", KINDS)
        made = (self.signal if kind == "signal" else self.cable)(words, kind)
        if not self.good:
            raise NotedError
        return made

    def words(self) -> dict[str, tree.Tree]:
        """What is said of the input; a value alone is its default."""
        if isinstance(self.value, tree.Scalar):
            return {"default": self.value}
        written = f"an input is written `{self.key.text}: {{default: 0.5, min: 0, max: 1}}`"
        entries = tree.mapping(self.value, written).entries
        for word, _ in entries:
            if word.text not in KEYS:
                near = did_you_mean(word.text, KEYS)
                self.mistakes.add(word, f"an input has no key '{word.text}'.{near} It has: {', '.join(KEYS)}")
        if not entries:
            raise NotedError
        return {word.text: entry for word, entry in entries}

    def signal(self, words: dict[str, tree.Tree], kind: str) -> tuple[In, tree.Tree | None]:  # noqa: ARG002
        unit = self.choice(words, "unit", PORT_UNITS, "") if "unit" in words else self.unit_of(words)
        given = {word: words[word] for word in ("min", "max", "default") if word in words}
        cable = given.pop("default") if "default" in given and _is_cable(given["default"]) else None
        numbers: dict[str, float] = {}
        for word, value in given.items():
            with self.mistakes.at(value):
                text = tree.scalar(value, f"`{word}:` is a number").text
                numbers[word] = constant(text, In(unit=unit), f"{self.key.text}: {word}")
        curve = self.choice(words, "curve", CURVES)
        doc = self.text(words, "doc")
        if not self.good:
            raise NotedError
        try:
            return In(unit=unit, **numbers, curve=curve, optional=cable is not None, doc=doc), cable  # type: ignore[arg-type]
        except NodeError as error:
            raise MistakeError(words.get("default", self.key), f"{self.key.text}: {error}") from None

    def cable(self, words: dict[str, tree.Tree], kind: str) -> tuple[In, tree.Tree | None]:
        for word, value in words.items():
            if word in ("unit", "min", "max", "curve"):
                self.mistakes.add(value, f"`{word}` does not go with `kind: {kind}`")
        default = words.get("default")
        return In(kind=kind, optional=default is not None, doc=self.text(words, "doc")), default  # type: ignore[arg-type]

    def text(self, words: dict[str, tree.Tree], word: str) -> str:
        with self.mistakes.at(words.get(word, self.key)):
            return tree.scalar(words[word], f"`{word}:` is a line of text").text if word in words else ""
        return ""

    def choice(self, words: dict[str, tree.Tree], word: str, known: tuple[str, ...], default: str | None = None) -> str:
        """One of the words `known`, by default the first."""
        default = known[0] if default is None else default
        value = words.get(word, tree.Scalar(default, None, 1, 1))
        if isinstance(value, tree.Broken):
            raise NotedError
        with self.mistakes.at(value):
            text = tree.scalar(value, f"`{word}:` is a line of text").text
            base = UNITS[text].dimension if text in UNITS else ""
            wrong = word in words and text not in known
            if wrong and not self.good:
                raise NotedError  # it may be the consequence of another mistake
            if wrong and base in known and word == "unit":
                raise MistakeError(value, f"unit: write `{base}`; values may be in {text} all the same")
            if wrong:
                raise MistakeError(value, f"{word}: '{text}' is not one of {', '.join(known)}")
            return text
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


def _is_cable(default: tree.Tree) -> bool:
    """Whether a default is read only when the nodes are there."""
    if isinstance(default, tree.Scalar):
        return names_something(default.text)
    return not isinstance(default, tree.Broken)


def names_something(text: str) -> bool:
    """Whether an expression has a cable in it."""
    return any(token.kind == "word" and token.text not in UNITS for token in _tokens(text))


def _tokens(text: str) -> list[Token]:
    try:
        return tokens(text)
    except ExpressionError:
        return []
