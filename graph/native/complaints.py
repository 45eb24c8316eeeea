"""What Numba says about a kernel, in the words of its author: the cause, what to write, and the line."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from typing import Any

from graph.errors import KernelError, Problem, shown

PREPARE = "compute it in `prepare`, and hand it over in a State"
WHOLE = "an index must be a whole number: write `int(x)`, or `//` in place of `/`"
TOP = "write a tuple `(a, b)` or `np.array([...])` at the top of the file"
CALLS = "call functions with `@inline`, `math`, and NumPy's functions of numbers"
SIGNATURE = r".*?found for signature:\s*>>> "

WORDS: tuple[tuple[str, str], ...] = (
    (
        r"Cannot unify (.+?) and (.+?) for '(\w+?)(?:\.\d+)?'",
        "`{3}` is {1} on one path and {2} on another: give it one kind of value on every path",
    ),
    (r"Cannot unify", "a value is of two kinds on two paths: give it one on every path, `0.0` and not `None`"),
    (r"Can't unify return type", "a function returns two kinds of values: return one kind on every path"),
    (r"failed to unpack (\S+)", "{1} is taken apart into several values: return as many as the left side has names"),
    (r"(?:Tuple size mismatch|too many values|not enough values)", "the left side has another number of names"),
    (rf"<built-in function getitem>\){SIGNATURE}getitem\(.*?array\(.*?\), (?:float|U?n?i?Tuple\(float)", WHOLE),
    (rf"<built-in function setitem>\){SIGNATURE}setitem\(.*?array\(.*?\), (?:float|U?n?i?Tuple\(float)", WHOLE),
    (rf"<built-in function getitem>\){SIGNATURE}getitem\((?:float|int)", "a number takes no index: it is one value"),
    (r"Untyped global name '(\w+)'", f"'{{1}}' cannot be used in a kernel: {CALLS}"),
    (r"to signature '(.*?)' due to \"TypeError: (.*?)\"", "a function with the parameters {1} is called wrongly: {2}"),
    (r"Use of unsupported NumPy function '(\S+?)'", f"`{{1}}` is not available in a kernel: {PREPARE}"),
    (r"Unknown attribute '(\w+)' of type Module\(<module '(\S+?)'", f"`{{2}}.{{1}}` is not for kernels: {PREPARE}"),
    (r"Unknown attribute '(\w+)' of type", "'{1}' cannot be read here: a kernel's values are numbers and arrays"),
    (
        r"NameError: name '(\w+)' is not defined",
        "'{1}' is not defined: import or define it at the top of the file",
    ),
    (r"Cannot resolve setattr", "a field of this value cannot be set: write `emit(block.out, ...)`, or into an array"),
    (r"NRT required|_nrt|Only accept returning of array", f"a kernel cannot allocate: {PREPARE}"),
    (r"recursi|cannot type infer runaway", "a function calls itself, which a kernel cannot: write a loop"),
    (
        rf"Function\(<(?:built-in function|function|ufunc) '?(\w+).*?>\){SIGNATURE}\w+\((.*?)\)\s",
        "`{1}` cannot take {2}: pass numbers, one sample at a time",
    ),
    (r"Cannot determine Numba type of <class '(\S+?)'>", "a kernel cannot use a {1}: use numbers, arrays and tuples"),
    (r"reflected (?:list|set)|type (?:list|dict|set)\b", f"a kernel cannot use a list: {TOP}"),
)
"""What is found in Numba's message, and the sentence for it; `{1}` is the first group of the pattern."""


def complaint(name: str, message: str, function: Callable[..., Any]) -> KernelError:
    """The error for a kernel that Numba refuses: `name` is the node, `message` is all that Numba says."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    flat = " ".join(lines)
    said = next((_filled(text, found) for pattern, text in WORDS if (found := re.search(pattern, flat, re.DOTALL))), "")
    file, line, column = _named(lines) or place(function)
    return at_place(file, line, f"{name} cannot be compiled: {said or _shortest(lines)}", column)


def at_place(file: str, line: int, message: str, column: int = 1) -> KernelError:
    """A KernelError with a position; without a file, the message alone."""
    if not file:
        return KernelError(message)
    source = linecache.getline(file, line).rstrip("\n")
    column = max(column, len(source) - len(source.lstrip()) + 1)
    problem = Problem(shown(file), line, column, message, source)
    return KernelError(str(problem), [problem])


def place(function: Callable[..., Any]) -> tuple[str, int, int]:
    """File and line of the user's function behind generated code; no file if there is none."""
    while function.__code__.co_filename.startswith("<generated"):
        names = function.__globals__
        inner = names.get("_sample") or names.get("process")
        if inner is None or inner is function:
            return "", 1, 1
        function = inner
    return function.__code__.co_filename, function.__code__.co_firstlineno, 1


def _filled(text: str, found: re.Match[str]) -> str:
    for i, group in enumerate(found.groups(), start=1):
        text = text.replace(f"{{{i}}}", str(group).removeprefix("Literal[int]"))
    return text


def _named(lines: list[str]) -> tuple[str, int, int] | None:
    """The last line of the user's code that a message names: Numba ends with the innermost."""
    for line in lines:
        found = re.match(r'File "(.*?)", line (\d+)', line)
        if found and "numba" not in found[1] and not found[1].startswith("<generated"):
            return found[1], int(found[2]), 1
    return None


def _shortest(lines: list[str]) -> str:
    """Numba's own words, where no sentence of ours fits: the cause without its frame."""
    skipped = ("Failed in nopython", "During:", "There are", "- Of which", "File ")
    told = [line for line in lines if not line.startswith(skipped)]
    return " ".join(told[:2] if told[1:2] and told[1].startswith(">>>") else told[:1])
