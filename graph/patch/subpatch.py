"""`SubPatch`: a patch used as a node of another, and its declared `inputs:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graph.errors import NodeError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError, Token, tokens
from graph.language.mistakes import START, MistakeError, Mistakes, NotedError, Place
from graph.language.units import UNITS, quantity
from graph.node.node import Cable, Node
from graph.node.ports import FRAMEWORK_FIELDS, In
from graph.node.values import ScopeError, constant
from graph.patch.scope import Names, bad_name

if TYPE_CHECKING:
    from graph.patch.presets import Setting

KEYS = ("default", "unit", "min", "max", "curve", "kind", "doc")
KINDS = ("signal", "events", "clock")
CURVES = ("linear", "log")
PORT_UNITS = ("Hz", "s", "bpm", "degrees", "semitones", "cents", "dB", "beats", "bars")
TAKEN = ("node", "patch", "preset", "name", "serial", "inputs", "options", "outputs", "names", "presets", "process")


class SubPatch(Node):
    """The inputs of a patch used as a node; the nodes inside read them. It has no kernel.

    file      the patch
    outputs   the cables that its `outputs:` name
    names     the names inside it
    presets   its named sets of values
    """

    file: ClassVar[str] = ""
    defaults: ClassVar[dict[str, tree.Tree]] = {}
    """Inputs that default to a cable inside the patch until they are connected."""
    mistaken: ClassVar[list[str]] = []
    """Inputs whose declaration has an error."""
    places: ClassVar[dict[str, Place]] = {}
    """The positions of the input declarations."""

    outputs: dict[str, Cable]
    names: Names
    presets: dict[str, list[Setting]]

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.outputs = {}
        self.names = Names()
        self.presets = {}

    def cable(self, port: str | None = None) -> Cable:
        """The cable from an output, by default the first; inputs can be read too."""
        if port is None and self.outputs:
            return next(iter(self.outputs.values()))
        return self.outputs[port] if port in self.outputs else super().cable(port)

    def inside(self, path: str) -> Cable | None:
        """Resolves `NAME.path` in the enclosing patch: an output, input or inner node; ScopeError if there is none."""
        head = path.partition(".")[0]
        if path in self.outputs or path in self.ins() or not path:
            return self.cable(path or None)
        if head in self.names.named:
            return self.names.cable(path)
        hint = did_you_mean(path, [*self.outputs, *self.names.named]) or f" Its outputs are {', '.join(self.outputs)}"
        raise ScopeError(f"{self.name} ({type(self).__name__}) has no output '{path}'.{hint}")


def declare(mistakes: Mistakes, inputs: tree.Tree | None, file: str) -> type[SubPatch]:
    """The class with the ports declared by `inputs:`; errors are recorded."""
    body: dict[str, Any] = {"file": file, "defaults": {}, "mistaken": [], "places": {}, "__module__": __name__}
    with mistakes.at(inputs or START):
        example = "`inputs:` takes lines such as `bright: {default: 50%, min: 0, max: 1}`"
        for key, value in tree.mapping(inputs, example).entries if inputs else ():
            body["places"][key.text] = Place(mistakes, key.line, key.column)
            with mistakes.at(key) as declared:
                body[key.text], default = _Declaration(mistakes, key, value).port()
                body["defaults"] |= {} if default is None else {key.text: default}
            body["mistaken"] += [key.text] if declared.failed else []
    return type(file.replace("\\", "/").rpartition("/")[2], (SubPatch,), body)


def _bad_input(name: str) -> str:
    if hasattr(SubPatch, name) or name in TAKEN + FRAMEWORK_FIELDS or name.startswith("_"):
        return f"'{name}' is a reserved word: choose another name for this input"
    return bad_name(name).replace("valid node name", "valid input name")


class _Declaration:
    """One entry of `inputs:`."""

    def __init__(self, mistakes: Mistakes, key: tree.Scalar, value: tree.Tree) -> None:
        self.mistakes = mistakes
        self.key = key
        self.value = value
        self.before = mistakes.count()

    @property
    def good(self) -> bool:
        """Whether no error has been found in it."""
        return self.mistakes.count() == self.before

    def port(self) -> tuple[In, tree.Tree | None]:
        """The port, and its default if that is a cable."""
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
        """The properties of the input; a bare value is its default."""
        if isinstance(self.value, tree.Scalar):
            return {"default": self.value}
        written = f"write an input as `{self.key.text}: {{default: 0.5, min: 0, max: 1}}`"
        entries = tree.mapping(self.value, written).entries
        for word, _ in entries:
            if word.text not in KEYS:
                near = did_you_mean(word.text, KEYS)
                self.mistakes.add(word, f"an input has no key '{word.text}'.{near} The keys are {', '.join(KEYS)}")
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
                text = tree.scalar(value, f"`{word}:` takes a number").text
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
                self.mistakes.add(value, f"`{word}` is not valid with `kind: {kind}`")
        default = words.get("default")
        return In(kind=kind, optional=default is not None, doc=self.text(words, "doc")), default  # type: ignore[arg-type]

    def text(self, words: dict[str, tree.Tree], word: str) -> str:
        with self.mistakes.at(words.get(word, self.key)):
            return tree.scalar(words[word], f"`{word}:` takes a line of text").text if word in words else ""
        return ""

    def choice(self, words: dict[str, tree.Tree], word: str, known: tuple[str, ...], default: str | None = None) -> str:
        """One of the words `known`; the first is the default."""
        default = known[0] if default is None else default
        value = words.get(word, tree.Scalar(default, None, 1, 1))
        if isinstance(value, tree.Broken):
            raise NotedError
        with self.mistakes.at(value):
            text = tree.scalar(value, f"`{word}:` takes a line of text").text
            base = UNITS[text].dimension if text in UNITS else ""
            wrong = word in words and text not in known
            if wrong and not self.good:
                raise NotedError  # it may be a consequence of another error
            if wrong and base in known and word == "unit":
                raise MistakeError(value, f"unit: write `{base}`; values can still be given in {text}")
            if wrong:
                raise MistakeError(value, f"{word}: '{text}' is not one of {', '.join(known)}")
            return text
        return default

    def unit_of(self, words: dict[str, tree.Tree]) -> str:
        """The unit of the first of the numbers."""
        for word in ("default", "min", "max"):
            value = words.get(word)
            for token in _tokens(value.text) if isinstance(value, tree.Scalar) else ():
                if token.kind == "note":
                    return "Hz"
                if token.text in UNITS and token.text not in ("dB", "%"):
                    return token.text if token.text in PORT_UNITS else quantity(1.0, token.text)[1]
        return ""


def _is_cable(default: tree.Tree) -> bool:
    """Whether a default can be read only once the nodes exist."""
    if isinstance(default, tree.Scalar):
        return names_something(default.text)
    return not isinstance(default, tree.Broken)


def names_something(text: str) -> bool:
    """Whether an expression contains a cable."""
    return any(token.kind == "word" and token.text not in UNITS for token in _tokens(text))


def _tokens(text: str) -> list[Token]:
    try:
        return tokens(text)
    except ExpressionError:
        return []
