"""Expensive designs, cached on this machine next to the kernels.

`prepare` may use SciPy's filter designs and fits, but importing `scipy.signal` alone takes longer than starting a
patch. A design depends only on its arguments and its code, so it is computed once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

import numpy as np

from graph.native.cache import folder
from graph.native.digest import key, version_of
from graph.native.stored import read, write

P = ParamSpec("P")
R = TypeVar("R")


def cached_design(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a function whose result depends only on its arguments, and caches the result on disk.

    It returns an array, or a tuple of arrays and numbers; returned arrays are read-only.
    """
    made: dict[Any, Any] = {}

    @wraps(function)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        call = (args, tuple(sorted(kwargs.items())))
        if call not in made:
            made[call] = _kept(function, call)
        found: R = made[call]
        return found

    return kept


def _kept(function: Callable[..., Any], call: tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]) -> Any:
    words = f"{key(function)} {call!r} {np.__version__} {version_of('scipy')}"
    file = folder() / "designs" / f"{function.__name__}-{hashlib.sha256(words.encode()).hexdigest()[:40]}.npz"
    content = read(file)
    if content is None:
        result = function(*call[0], **dict(call[1]))
        parts = [np.asarray(part) for part in (result if isinstance(result, tuple) else (result,))]
        memory = BytesIO()
        np.savez(memory, *parts)
        with suppress(OSError):
            write(file, memory.getvalue())
        single = not isinstance(result, tuple)
    else:
        with np.load(BytesIO(content)) as stored:
            parts = [stored[f"arr_{i}"] for i in range(len(stored.files))]
        single = len(parts) == 1
    for part in parts:
        part.flags.writeable = False
    values = [part if part.ndim else part.item() for part in parts]
    return values[0] if single else tuple(values)
