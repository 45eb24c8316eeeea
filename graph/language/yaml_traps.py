"""Translates the parser's YAML errors into plain instructions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

ALIAS = "`*{name}` is a YAML alias, not a product: to multiply, write `osc * {name}`"
DASH = "`-` and a space begin a YAML list entry: write `-env` to negate, `[a, b]` for a sum"
AFTER = "nothing can follow a list or mapping: to compute with a sum, write it in parentheses, as in `(a + b) * -6 dB`"
TAB = "tabs are not allowed in YAML indentation: replace the tab with spaces"
OPEN = {"{": "}", "[": "]"}


def missing_space(text: str) -> str:
    """The message for `audio:osc` and `audio=osc`, or "" for any other text."""
    match = re.match(r"\s*(?:[{,]\s*)?([^\W\d]\w*)(:|\s*=\s*)([^\s:=,{}\[\]][^,{}\[\]]*)", text)
    if not match:
        return ""
    wrong = "a space is missing after the colon" if match[2] == ":" else "use `:` instead of `=`"
    return f"{wrong}: write `{match[1]}: {match[3].rstrip()}`"


def function_call(text: str) -> str:
    """The message for `max(x, y)`, or "" if no function is called."""
    match = re.search(r"([^\W\d]\w*)\s*\(", text)
    return f"patches have no functions such as `{match[1]}(...)`: use a node, or + - * /" if match else ""


def colonless(key: str, previous: str) -> tuple[str, bool]:
    """The message for an entry `key` without a colon, and whether it concerns the preceding value."""
    if previous.count("(") > previous.count(")"):
        return function_call(previous) or f"commas separate entries: `{previous}` has no closing parenthesis", True
    digits = re.fullmatch(r"(.*\d)?", previous) and re.match(r"\d{3}(?!\d)", key)
    if previous and digits:
        return f"commas separate entries: write `{previous}{key}` without the comma", True
    if re.fullmatch(r".*\d", previous) and re.match(r"\d+(?!\S)", key):
        return f"use a dot as the decimal point: write `{previous}.{key}`", True
    if "(" not in key and key.count(")") > key.count("("):
        return "", False
    shown = key if len(key) <= 40 else key[:40] + "..."
    return missing_space(key) or f"'{shown}' has no value: write `{shown}: ...`", False


def explain(error: Any, lines: Sequence[str]) -> tuple[int, int, str]:
    """Line and column (from 1) and a plain message for a PyYAML syntax error."""
    context, problem = error.context or "", error.problem or ""
    mark = error.problem_mark or error.context_mark
    line, column = mark.line, mark.column
    start = error.context_mark or mark

    def text(number: int) -> str:
        return lines[number] if 0 <= number < len(lines) else ""

    def at(line: int, column: int, message: str) -> tuple[int, int, str]:
        line = min(line, len(lines) - 1)
        return line + 1, min(column, len(text(line))) + 1, message

    here = text(line)
    for number in (line, line - 1):
        indent = re.match(r"[ \t]*", text(number))
        if indent and "\t" in indent[0] and "block scalar" not in context:
            return at(number, indent[0].index("\t"), TAB)
    if "'\\t'" in problem or "tab character" in problem:
        return at(line, column, TAB)
    before = here[:column].rstrip().rstrip("*").rstrip()
    if before.endswith(("]", "}")) and ("alias" in context or "sequence entries" in problem or "block" in context):
        return at(line, len(before), AFTER)
    if "alias" in context:
        name = re.match(r"\*\s*(\w*)", text(start.line)[start.column :])
        return at(start.line, start.column, ALIAS.format(name=name[1] if name and name[1] else "env"))
    if "anchor" in context:
        return at(start.line, start.column, "`&` begins a YAML anchor, which patches do not support")
    if "tag" in context or "tag handle" in problem:
        return at(start.line, start.column, "`!` begins a YAML tag, which patches do not support")
    if "directive" in context or "document" in problem or here.startswith("%"):
        return at(line, 0, "this is not a patch: begin it with `name:` or `nodes:`")
    if "quoted scalar" in context:
        if "escape" in problem:
            return at(line, column, "a backslash is an escape inside \"double quotes\": use 'single quotes'")
        return at(start.line, start.column, "this quote is never closed")
    if "block scalar" in context:
        return at(line, column, "after `|` or `>`, begin the text on the next line, indented with spaces")
    if "sequence entries are not allowed" in problem:
        return at(line, column, DASH)
    if "mapping values are not allowed" in problem:
        return at(*_second_colon(line, column, lines))
    if "cannot start any token" in problem:
        return at(line, column, _bad_start(here[column : column + 1]))
    if "flow mapping" in context or "flow sequence" in context or "flow node" in context:
        return at(*_in_braces(context, start, line, column, lines))
    if "simple key" in context:
        message = missing_space(text(start.line))
        fallback = "this line is not a `key: value` pair: a colon is missing, or the indentation is wrong"
        return at(start.line, start.column, message or fallback)
    if "block mapping" in context or "block collection" in context:
        if here[:column].strip():
            return at(line, column, f"unexpected `{here[column:].strip()[:40]}` after the value")
        if column != start.column:
            wanted = f"this line begins in column {column + 1}, its siblings in column {start.column + 1}"
            return at(line, column, f"wrong indentation: {wanted}")
        return at(line, column, "list entries and `key: value` pairs cannot be mixed")
    if "block node" in context:
        return at(line, column, f"unexpected `{here[column : column + 1]}`")
    return at(line, column, f"invalid YAML: {problem}")


def _bad_start(character: str) -> str:
    if character == "%":
        return "`%` must follow a number, as in `70%`"
    if character in ("|", ">"):
        return f"a text block (`{character}`) is not allowed in braces: put the key on its own line"
    return f"a value cannot begin with `{character}`: put the text in 'quotes'"


def _second_colon(line: int, column: int, lines: Sequence[str]) -> tuple[int, int, str]:
    """`a: b: c`, or a line that continues into the next, which is indented deeper."""
    here = lines[line]
    before = here[:column]
    if re.search(r":\s", before):
        key = before.split(":")[0].strip()
        return line, column, f"second colon on one line: write `{key}: {{...}}` with braces, or use a new line"
    indent = len(here) - len(here.lstrip())
    above = next((number for number in range(line - 1, -1, -1) if lines[number].strip()), None)
    if above is not None:
        return line, indent, f"wrong indentation: this line is deeper than line {above + 1}, which already has a value"
    return line, column, "a key is missing before this colon"


def _in_braces(context: str, start: Any, line: int, column: int, lines: Sequence[str]) -> tuple[int, int, str]:
    """An error within `{...}` or `[...]`."""
    here = lines[line] if line < len(lines) else ""
    rest = here[column:]
    if "flow node" in context:
        if rest.startswith("-"):
            return line, column, DASH
        if rest.strip():
            return line, column, f"a value is missing before `{rest.strip()[0]}`"
        last = max((n for n in range(len(lines)) if lines[n].strip()), default=0)
        return last, len(lines[last]), "the file ends before a brace or bracket is closed"
    bracket = lines[start.line][start.column : start.column + 1]
    close = OPEN.get(bracket, "}")
    if line != start.line:
        return start.line, start.column, f"this `{bracket}` is not closed with `{close}` on this line"
    if rest.startswith(":"):
        return line, column, "second colon: add a comma before this key, or braces around its value"
    if rest[:1] in ("}", "]"):
        return line, column, f"`{rest[0]}` does not match `{bracket}`: a `{close}` is missing before it"
    if rest[:1] in OPEN:
        return line, column, f"unexpected `{rest[0]}`: put text that contains it in quotes, or add a comma before it"
    return line, column, f"a comma or `{close}` is missing here"
