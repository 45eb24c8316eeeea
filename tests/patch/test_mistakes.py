"""The error collector: one list for all files of a patch, each error with its position."""

import pytest

from graph.errors import GraphError, PatchError
from graph.language.expression import ExpressionError
from graph.language.mistakes import MAX_PROBLEMS, MistakeError, Mistakes, NotedError, Spot
from graph.language.source import SourceText
from graph.language.yaml_tree import Scalar


def told(mistakes):
    with pytest.raises(PatchError) as caught:
        mistakes.raise_all()
    return [(p.file, p.line, p.column, p.message) for p in caught.value.problems]


def test_reading_continues_after_a_mistake_and_each_has_its_place():
    mistakes = Mistakes(SourceText("a.yaml", "one: 'x + y'\ntwo: 2"))
    text = Scalar("x + y", "'", 1, 6)
    for error in (GraphError("wired"), ExpressionError("no y", 4), MistakeError(Spot(2, 1), "elsewhere"), NotedError()):
        with mistakes.at(text) as attempt:
            raise error
        assert attempt.failed
    assert told(mistakes) == [
        ("a.yaml", 1, 6, "wired"),
        ("a.yaml", 1, 11, "no y"),
        ("a.yaml", 2, 1, "elsewhere"),
    ]


def test_an_error_that_is_not_about_the_patch_passes_through():
    mistakes = Mistakes(SourceText("a.yaml", "one: 1"))
    with pytest.raises(ZeroDivisionError), mistakes.at(Spot(1, 1)):
        1 / 0  # noqa: B018
    mistakes.raise_all()


def test_all_files_of_a_patch_note_in_one_list():
    outer = Mistakes(SourceText("b.yaml", "x"))
    inner = Mistakes(SourceText("a.yaml", "y"), outer)
    outer.add(Spot(1, 1), "outer")
    inner.add(Spot(1, 1), "inner")
    assert outer.count() == inner.count() == 2
    assert [line[0] for line in told(outer)] == ["a.yaml", "b.yaml"]
    assert told(inner) == told(outer)


def test_reading_stops_at_a_hundred_mistakes_of_one_file():
    mistakes = Mistakes(SourceText("a.yaml", "x"))
    for _ in range(MAX_PROBLEMS - 1):
        mistakes.add(Spot(1, 1), "wrong")
    with pytest.raises(PatchError, match="too many errors"):
        mistakes.add(Spot(1, 1), "wrong")
