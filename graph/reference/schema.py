"""A JSON Schema (draft 7) of patches, from which editors complete and explain node names, ports and choices."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from graph.node.node import Node
from graph.node.ports import In, Option
from graph.patch.subpatch import CURVES, KINDS, PORT_UNITS
from graph.reference.catalog import example, family, limits, quantity

Schema = dict[str, Any]

NAME = r"^[^\W\d]\w*$"
VALUE = {"$ref": "#/definitions/value"}


def schema(classes: Iterable[type[Node]]) -> Schema:
    """The schema of patches that may use `classes`."""
    known = sorted(classes, key=lambda cls: cls.__name__)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "graphrun patch",
        "description": "Nodes and the cables between them.",
        "type": "object",
        "additionalProperties": False,
        "required": ["nodes"],
        "anyOf": [{"required": ["out"]}, {"required": ["outputs"]}],
        "properties": _top(),
        "definitions": {
            "value": _value(),
            "input": _input(),
            "preset": _preset(),
            "node": _node(known),
            "patch": _patch(),
            **{f"node.{cls.__name__}": _class(cls) for cls in known},
        },
    }


def _top() -> Schema:
    return {
        "name": {"type": ["string", "number"], "description": "Title, for people."},
        "doc": {"type": ["string", "number"], "description": "What it is, for people."},
        "inputs": {
            "type": "object",
            "description": "What the patch takes where it is a node of another; nodes use these names as cables.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"$ref": "#/definitions/input"},
        },
        "nodes": {
            "type": "object",
            "description": "The nodes by their names, in any order.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"$ref": "#/definitions/node"},
        },
        "outputs": {
            "type": "object",
            "description": "What the patch gives where it is a node of another; the first is meant by its name alone.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": VALUE,
        },
        "out": {**VALUE, "description": "What is heard: a cable, a list that sums, or sends `{node: level}`."},
        "presets": {
            "type": "object",
            "description": "Named sets of values, for `--preset NAME`.",
            "additionalProperties": {"$ref": "#/definitions/preset"},
        },
        "block": {"type": ["integer", "string"], "description": "Frames in a block, 1 to 8192; 64 unless given."},
        "rate": {"type": ["number", "string"], "description": "Sample rate, 8 kHz to 192 kHz."},
        "limit": {
            "type": ["number", "string"],
            "description": "Level over full scale at which the guard stops runaway feedback; 60 dB unless given.",
        },
    }


def _value() -> Schema:
    return {
        "description": "A number, a quantity such as `1.2 kHz`, a cable, arithmetic, a list (the sum), or sends.",
        "anyOf": [
            {"type": ["number", "string"]},
            {"type": "array", "items": VALUE, "minItems": 1},
            {"type": "object", "additionalProperties": VALUE, "minProperties": 1},
        ],
    }


def _input() -> Schema:
    number = {"type": ["number", "string"]}
    properties: Schema = {
        "default": {**VALUE, "description": "Value while nothing is given; for events and clocks a node of the patch."},
        "unit": {"enum": list(PORT_UNITS), "description": "Unit; that of the default unless given."},
        "min": {**number, "description": "Least value."},
        "max": {**number, "description": "Greatest value."},
        "curve": {"enum": list(CURVES), "description": "log where equal steps of a knob are equal ratios."},
        "kind": {"enum": list(KINDS), "description": "What kind of cable it takes; a signal or number unless given."},
        "doc": {"type": ["string", "number"], "description": "What it does, for people."},
    }
    return {
        "description": "An input with its default, unit and range, or its default alone.",
        "anyOf": [
            {"type": ["number", "string"]},
            {"type": "object", "additionalProperties": False, "properties": properties},
        ],
    }


def _preset() -> Schema:
    return {
        "type": "object",
        "description": "Values for NODE.PORT, or within one node's name.",
        "additionalProperties": {
            "anyOf": [{"type": ["number", "string", "boolean"]}, {"$ref": "#/definitions/preset"}],
        },
    }


def _node(classes: list[type[Node]]) -> Schema:
    """Any node: which ports it has depends on what `node:` says."""
    names = [cls.__name__ for cls in classes]
    choices: list[Schema] = [
        {
            "if": {"required": ["node"], "properties": {"node": {"const": name}}},
            "then": {"$ref": f"#/definitions/node.{name}"},
        }
        for name in names
    ]
    within = {"if": {"required": ["patch"]}, "then": {"$ref": "#/definitions/patch"}}
    kinds = [{"const": cls.__name__, "description": inspect.getdoc(cls) or ""} for cls in classes]
    return {
        "type": "object",
        "description": "`{node: NAME, ...}` with its inputs and options, or `{patch: FILE, ...}`.",
        "properties": {
            "node": {"description": "Class of the node; `graphrun nodes` lists them.", "oneOf": kinds},
            "patch": {"type": "string", "description": "A patch that is used as a node: a file, or a bundled one."},
        },
        "oneOf": [{"required": ["node"]}, {"required": ["patch"]}],
        "allOf": [*choices, within],
    }


def _patch() -> Schema:
    properties = {
        "patch": {"type": "string", "description": "A file beside this patch, or the name of a bundled instrument."},
        "preset": {"type": "string", "description": "A preset of that patch; what is given here goes before it."},
    }
    return {"description": "A patch as a node.", "properties": properties, "additionalProperties": VALUE}


def _class(cls: type[Node]) -> Schema:
    properties: Schema = {"node": {"const": cls.__name__, "description": f"{family(cls)}. {inspect.getdoc(cls) or ''}"}}
    for key, field in cls.fields.items():
        if isinstance(field, In):
            properties[key] = {**VALUE, "description": _about(field)}
        elif isinstance(field, Option):
            properties[key] = {**_option(field), "description": _about(field)}
    return {
        "description": f"{inspect.getdoc(cls) or ''}\n\n{example(cls)}",
        "properties": properties,
        "additionalProperties": False,
    }


def _option(option: Option) -> Schema:
    if option.choices:
        return {"enum": list(option.choices)}
    if option.value_type is bool:
        return {"type": "boolean"}
    return {"type": ["string", "number", *(("array", "object") if option.items else ())]}


def _about(field: In | Option) -> str:
    """Doc, range and default in one sentence each."""
    said = [field.doc]
    if isinstance(field, In) and field.kind != "signal":
        said.append(f"Takes {field.kind}.")
    if limits(field) and not (isinstance(field, Option) and field.choices):
        said.append(f"{limits(field)}.")
    default = field.default
    if default not in (None, ""):
        number = isinstance(default, int | float) and not isinstance(default, bool)
        said.append(f"Default: {quantity(default, field.unit) if number else str(default).lower()}.")
    return " ".join(text for text in said if text) or "Input."
