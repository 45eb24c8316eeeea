"""YAML's traps in plain words: from a parser's complaint to what to type instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

ALIAS = "`*{name}` is a YAML alias, not a product; to multiply write `osc * {name}`"
DASH = "a `-` before a space begins a YAML list entry; write `-env` for the negative, `[a, b]` for a sum"
AFTER = "a list or mapping is a whole value; to compute with a sum write it in parentheses, as in `(a + b) * -6 dB`"
TAB = "a tab; YAML takes only spaces for indentation: replace the tab with spaces"
OPEN = {"{": "}", "[": "]"}


def missing_space(text: str) -> str:
    """What to say to `audio:osc` and `audio=osc`, or nothing when that is not what `text` is."""
    match = re.match(r"\s*(?:[{,]\s*)?([^\W\d]\w*)(:|\s*=\s*)([^\s:=,{}\[\]][^,{}\[\]]*)", text)
    if not match:
        return ""
    wrong = "a space is missing after the colon" if match[2] == ":" else "`=` is written `:`"
    return f"{wrong}: write `{match[1]}: {match[3].rstrip()}`"


def function_call(text: str) -> str:
    """What to say to `max(x, y)`, or nothing when no function is called."""
    match = re.search(r"([^\W\d]\w*)\s*\(", text)
    return f"there are no functions such as `{match[1]}(...)` in patches: use a node, or + - * /" if match else ""


def colonless(key: str, previous: str) -> tuple[str, bool]:
    """The message for an entry `key` without a colon, and whether it is about the value before it."""
    if previous.count("(") > previous.count(")"):
        return function_call(previous) or f"a comma separates entries: `{previous}` has no closing parenthesis", True
    digits = re.fullmatch(r"(.*\d)?", previous) and re.match(r"\d{3}(?!\d)", key)
    if previous and digits:
        return f"a comma separates entries: write `{previous}{key}` without it", True
    if re.fullmatch(r".*\d", previous) and re.match(r"\d+(?!\S)", key):
        return f"a decimal point is a dot: write `{previous}.{key}`", True
    if "(" not in key and key.count(")") > key.count("("):
        return "", False
    shown = key if len(key) <= 40 else key[:40] + "..."
    return missing_space(key) or f"'{shown}' has no value: write `{shown}: ...`", False


def explain(error: Any, lines: Sequence[str]) -> tuple[int, int, str]:
    """Line, column (from 1) and plain words for a syntax error of PyYAML."""
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
        return at(start.line, start.column, "`&` begins a YAML anchor; patches have none")
    if "tag" in context or "tag handle" in problem:
        return at(start.line, start.column, "`!` begins a YAML tag; patches have none")
    if "directive" in context or "document" in problem or here.startswith("%"):
        return at(line, 0, "this is not a patch: it should begin with `name:` or `nodes:`")
    if "quoted scalar" in context:
        if "escape" in problem:
            return at(line, column, "a backslash is special between \"double quotes\"; use 'single quotes'")
        return at(start.line, start.column, "the quote that begins here is not closed")
    if "block scalar" in context:
        return at(line, column, "after `|` or `>` the text begins in the next line, indented with spaces")
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
        fallback = "this line is not a `key: value`: a colon is missing, or it is indented wrongly"
        return at(start.line, start.column, message or fallback)
    if "block mapping" in context or "block collection" in context:
        if here[:column].strip():
            return at(line, column, f"unexpected `{here[column:].strip()[:40]}` after the value")
        if column != start.column:
            wanted = f"its neighbours begin in column {start.column + 1}, this line in column {column + 1}"
            return at(line, column, f"wrong indentation: {wanted}")
        return at(line, column, "a list entry and a `key: value` cannot stand side by side")
    if "block node" in context:
        return at(line, column, f"unexpected `{here[column : column + 1]}`")
    return at(line, column, f"this is not YAML: {problem}")


def _bad_start(character: str) -> str:
    if character == "%":
        return "`%` follows its number, as in `70%`"
    if character in ("|", ">"):
        return f"a block of text (`{character}`) cannot stand in braces; put the key in a line of its own"
    return f"`{character}` cannot begin a value; text that needs it is written in 'quotes'"


def _second_colon(line: int, column: int, lines: Sequence[str]) -> tuple[int, int, str]:
    """`a: b: c`, or a line that went on into the next because that is indented deeper."""
    here = lines[line]
    before = here[:column]
    if re.search(r":\s", before):
        key = before.split(":")[0].strip()
        return line, column, f"a second colon in one line: write `{key}: {{...}}` with braces, or use a new line"
    indent = len(here) - len(here.lstrip())
    above = next((number for number in range(line - 1, -1, -1) if lines[number].strip()), None)
    if above is not None:
        return line, indent, f"wrong indentation: this line is indented deeper than line {above + 1}, which is complete"
    return line, column, "a colon without a key before it"


def _in_braces(context: str, start: Any, line: int, column: int, lines: Sequence[str]) -> tuple[int, int, str]:
    """Something is wrong within `{...}` or `[...]`."""
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
        return start.line, start.column, f"the `{bracket}` that begins here is not closed with `{close}` in this line"
    if rest.startswith(":"):
        return line, column, "a second colon: a comma is missing before this key, or braces around its value"
    if rest[:1] in ("}", "]"):
        return line, column, f"`{rest[0]}` closes a `{bracket}`: a `{close}` is missing before it"
    if rest[:1] in OPEN:
        return line, column, f"text with `{rest[0]}` in it is written in quotes; or a comma is missing before it"
    return line, column, f"a comma or `{close}` is missing here"
