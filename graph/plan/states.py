"""Initial contents of a node's States, from their declaration and from `prepare`."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

import numpy as np

from graph.errors import GraphrunError, NodeError, SourceError, did_you_mean, several
from graph.node.lint.source import class_problem, function_problem
from graph.node.node import Node, Setup
from graph.node.ports import State


def first_states(node: Node, setup: Setup) -> dict[str, np.ndarray[Any, Any]]:
    """The initial contents of a node's States, from declaration and `prepare`; NodeError if the two disagree.

    An exception in `prepare` becomes a SourceError with its line; the framework's own errors pass through.
    """
    prepared = _prepared(node, setup)
    states = node.states()
    for key in prepared:
        if key not in states:
            raise _returns(node, f"{setup.name}: prepare returns '{key}', which is not a State.", key)
    return {key: _first_state(node, state, prepared.get(key), setup) for key, state in states.items()}


def _prepared(node: Node, setup: Setup) -> dict[str, Any]:
    """What `prepare` returns."""
    prepare: Any = type(node).prepare
    try:
        given = node.prepare(setup)
    except GraphrunError:
        raise
    except Exception as error:  # a user's code may raise anything; the message names its line
        frames = traceback.extract_tb(error.__traceback__)
        inside = [frame for frame in frames if frame.filename == prepare.__code__.co_filename]
        text = f"{setup.name}: prepare raises {type(error).__name__}: {error}"
        if not inside and isinstance(error, TypeError):
            text = f"{setup.name}: write `def prepare(self, setup):`, which takes a Setup ({error})"
        raise SourceError([function_problem(prepare, text, (inside[-1].lineno or 0) if inside else 0)]) from error
    if not isinstance(given, Mapping):
        names = ", ".join(f'"{name}": ...' for name in node.states()) or '"line": ...'
        got = "nothing" if given is None else f"a {type(given).__name__}"
        text = f"{setup.name}: prepare returns {got}, but a dict of States is needed: return {{{names}}}"
        raise SourceError([function_problem(prepare, text)])
    return dict(given)


def _returns(node: Node, text: str, key: str) -> NodeError:
    hint = did_you_mean(key, list(node.states()))
    hint = hint or f' Declare `{key} = State(ndim=1, doc="...")`, or leave it out'
    return SourceError([function_problem(type(node).prepare, f"{text}{hint}")])


def _first_state(node: Node, declared: State, value: Any, setup: Setup) -> np.ndarray[Any, Any]:
    key = declared.name
    where, prepare = f"{setup.name}.{key}", type(node).prepare
    if value is None:
        if declared.prepared:
            text = f'{where} is a State with ndim=, so prepare must return it: return {{"{key}": np.zeros(...)}}'
            raise SourceError([class_problem(type(node), key, text)])
        known = declared.counts > 1 and setup.start.seconds is not None
        first = setup.gone % declared.counts if known else declared.initial
        made = np.full(declared.shape or (setup.lanes,), first, declared.dtype)
        return made.view(np.recarray) if declared.dtype.names else made
    copied = None if declared.constant else True  # nobody writes to a constant one, and it may be large
    try:
        array = np.array(value, declared.dtype, order="C", copy=copied)
    except (ValueError, TypeError) as error:
        text = f"{where}: prepare returns a value that is not an array of {declared.dtype.name}: {error}"
        raise SourceError([function_problem(prepare, text)]) from None
    array = array.view(np.recarray) if declared.dtype.names else array
    if declared.per_lane:
        try:
            return np.array(np.broadcast_to(array, (setup.lanes,)), order="C")
        except ValueError:
            text = f"{where} has one value per lane, but prepare returns shape {array.shape}: declare it with ndim="
            raise SourceError([function_problem(prepare, f"{text}{array.ndim}")]) from None
    if array.ndim != declared.ndim or (declared.shape is not None and array.shape != declared.shape):
        wants = f"shape {declared.shape}" if declared.shape else f"{several(declared.ndim, 'dimension')}"
        text = f"{where} is declared with {wants}, but prepare returns shape {array.shape}"
        raise SourceError([function_problem(prepare, text)])
    return array
