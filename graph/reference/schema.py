"""JSON Schema (draft 7) of patches, for completion and help on nodes, ports and choices in editors."""

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
    """Schema of patches that may use `classes`."""
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
        "name": {"type": ["string", "number"], "description": "Title of the patch."},
        "doc": {"type": ["string", "number"], "description": "Description of the patch."},
        "inputs": {
            "type": "object",
            "description": "Inputs of the patch when used as a node; its nodes read them by name as cables.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"$ref": "#/definitions/input"},
        },
        "nodes": {
            "type": "object",
            "description": "Nodes by name, in any order.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"$ref": "#/definitions/node"},
        },
        "outputs": {
            "type": "object",
            "description": "Outputs of the patch when used as a node; the first is the default.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": VALUE,
        },
        "out": {**VALUE, "description": "Audio output: a cable, a list to sum, or sends `{node: level}`."},
        "presets": {
            "type": "object",
            "description": "Named sets of values, for `--preset NAME`.",
            "additionalProperties": {"$ref": "#/definitions/preset"},
        },
        "block": {"type": ["integer", "string"], "description": "Frames per block, 1 to 8192; default 64."},
        "rate": {"type": ["number", "string"], "description": "Sample rate, 8 kHz to 192 kHz."},
        "limit": {
            "type": ["number", "string"],
            "description": "Level above full scale at which the guard stops runaway feedback; default 60 dB.",
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
        "default": {**VALUE, "description": "Value if none is given; for events and clocks, a node of the patch."},
        "unit": {"enum": list(PORT_UNITS), "description": "Unit; by default the unit of `default`."},
        "min": {**number, "description": "Least value."},
        "max": {**number, "description": "Greatest value."},
        "curve": {"enum": list(CURVES), "description": "log: equal knob steps are equal ratios."},
        "kind": {"enum": list(KINDS), "description": "Kind of cable; by default a signal or number."},
        "doc": {"type": ["string", "number"], "description": "Description of the input."},
    }
    return {
        "description": "Input with default, unit and range, or only its default.",
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
    """Any node: `node:` determines its ports."""
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
            "patch": {"type": "string", "description": "Patch to use as a node: a file or a bundled patch."},
        },
        "oneOf": [{"required": ["node"]}, {"required": ["patch"]}],
        "allOf": [*choices, within],
    }


def _patch() -> Schema:
    properties = {
        "patch": {"type": "string", "description": "A file beside this patch, or the name of a bundled instrument."},
        "preset": {"type": "string", "description": "Preset of that patch; values given here override it."},
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
