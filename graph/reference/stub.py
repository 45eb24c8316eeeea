"""Types of the built-in nodes: `nodes/__init__.pyi`, for completion in editors and for type checkers."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from graph.node.node import Node
from graph.node.ports import In, Option, Out

HEAD = '''"""Types of the built-in nodes, generated from their declarations by `tools/docs`."""

from typing import Literal, overload

from graph import Cable, Node
from graph.node.signals import Value
from graph.node.ports import In, Out

class Input:
    """Input: reads as a cable; takes a number or a cable when assigned."""

    @overload
    def __get__(self, node: None, owner: type) -> In: ...
    @overload
    def __get__(self, node: Node, owner: type) -> Cable: ...
    def __set__(self, node: Node, value: Value) -> None: ...

class CableInput:
    """Input for events or a clock: takes only a cable."""

    @overload
    def __get__(self, node: None, owner: type) -> In: ...
    @overload
    def __get__(self, node: Node, owner: type) -> Cable: ...
    def __set__(self, node: Node, value: Cable | Node) -> None: ...
'''


def stub(classes: Iterable[type[Node]]) -> str:
    """Stub file text: each node class with its call signature and typed ports."""
    return HEAD + "".join(f"\n{_class(cls)}" for cls in sorted(classes, key=lambda cls: cls.__name__))


def _class(cls: type[Node]) -> str:
    lines = [f"class {cls.__name__}(Node):", f'    """{_summary(cls)}"""', ""]
    for key, field in cls.fields.items():
        if isinstance(field, In):
            lines.append(f"    {key}: {'Input' if field.kind == 'signal' else 'CableInput'}")
        elif isinstance(field, Out):
            lines.append(f"    {key}: Out")
        elif isinstance(field, Option):
            lines.append(f"    {key}: {_option(field)}")
    words = [f"{key}: {_word(field)}" for key, field in cls.fields.items() if isinstance(field, In | Option)]
    arguments = ["self", *words, "*", "name: str | None = None"]
    call = f"    def __init__({', '.join(arguments)}) -> None: ..."
    if len(call) > 120:
        call = "    def __init__(\n" + "".join(f"        {word},\n" for word in arguments) + "    ) -> None: ..."
    return "\n".join([*lines, call, ""])


def _summary(cls: type[Node]) -> str:
    """First sentence of a class docstring, on one line."""
    text = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
    return text.replace("\\", "\\\\").replace('"""', "'''")


def _option(field: Option) -> str:
    if field.choices:
        return f"Literal[{', '.join(_quoted(choice) for choice in field.choices)}]"
    return field.value_type.__name__


def _word(field: In | Option) -> str:
    """Type and default of an argument."""
    if isinstance(field, Option):
        default = _quoted(field.default) if isinstance(field.default, str) else repr(field.default)
        return f"{_option(field)} = {default}"
    if field.kind != "signal":
        return "Cable | Node = ..."
    return f"Value = {'...' if field.default is None else repr(float(field.default))}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
