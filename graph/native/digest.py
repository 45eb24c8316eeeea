"""The key of a kernel: a hash of everything that affects its object code.

That is its bytecode and constants, those of every helper it reaches in any file, the values of the module
constants they read, the compiler itself, the versions of Python, Numba and llvmlite, and the processor. An edit
never serves stale code, and a changed comment never triggers a compilation.
"""

from __future__ import annotations

import hashlib
import platform
import sys
import types
from collections.abc import Callable
from enum import Enum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from graph.errors import KernelError
from graph.native import functions as native

_known: WeakKeyDictionary[Callable[..., Any], bytes] = WeakKeyDictionary()
"""The hash of each function met so far in this process. An edited file defines new functions."""


def key(function: Callable[..., Any]) -> str:
    """The hash of everything compiled into `function`."""
    digest = hashlib.sha256(_machine() + _hash(function, ()))
    return f"{function.__code__.co_name}-{digest.hexdigest()[:40]}"


@cache
def _machine() -> bytes:
    import llvmlite.binding as llvm

    parts = [sys.version, platform.system(), version_of("numba"), version_of("llvmlite")]
    parts += [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    here = Path(__file__).parent
    sources = [(here / f"{name}.py").read_bytes() for name in ("compiler", "intrinsics", "functions")]
    return "\n".join(parts).encode() + b"".join(sources)


def version_of(package: str) -> str:
    """The version of an installed package, from the name of its metadata folder: 30 ms sooner than by `metadata`."""
    found = find_spec(package)
    if found and found.origin:
        for folder in Path(found.origin).parent.parent.glob(f"{package}-*.dist-info"):
            return folder.stem.removeprefix(f"{package}-")
    from importlib import metadata

    return metadata.version(package)


def _hash(function: Any, callers: tuple[Any, ...]) -> bytes:
    """The hash of a function and of all that it reaches; of one that calls itself, its name the second time."""
    if function in callers:
        return str(function.__qualname__).encode()
    if function not in _known:
        digest = hashlib.sha256()
        code, names = function.__code__, global_names(function.__code__)
        _digest_code(code, digest)
        within = (*callers, function)
        for value in (getattr(function, "__kernel_double__", None), function.__defaults__, function.__kwdefaults__):
            _digest_value(value, names, digest, within)
        for name in sorted(names & function.__globals__.keys()):
            digest.update(name.encode())
            _digest_value(function.__globals__[name], names, digest, within)
        for cell in function.__closure__ or ():
            _digest_value(cell.cell_contents, names, digest, within)
        _known[function] = digest.digest()
    return _known[function]


def reached(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """A function and all functions it calls by global name, each once."""
    found: dict[int, Callable[..., Any]] = {}
    waiting: list[Any] = [function]
    while waiting:
        value = waiting.pop()
        if isinstance(value, types.FunctionType) and id(value) not in found:
            found[id(value)] = value
            waiting += [value.__globals__.get(name) for name in value.__code__.co_names]
    return list(found.values())


def global_names(code: types.CodeType) -> set[str]:
    """Names of the globals and attributes read by code, including nested code."""
    inner = (global_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*inner)


def _digest_code(code: types.CodeType, digest: Any) -> None:
    digest.update(code.co_code)
    digest.update(repr(code.co_names + code.co_varnames).encode())
    for i, constant in enumerate(code.co_consts):
        if isinstance(constant, types.CodeType):
            _digest_code(constant, digest)
        else:
            docstring = i == 0 and isinstance(constant, str)
            digest.update(repr(None if docstring else constant).encode())


def _digest_value(value: Any, names: set[str], digest: Any, callers: tuple[Any, ...]) -> None:
    value = getattr(value, "py_func", value)  # the function wrapped by numba.njit
    if isinstance(value, types.FunctionType):
        if value.__module__ == native.__name__:
            digest.update(value.__name__.encode())
        else:
            digest.update(_hash(value, callers))
    elif isinstance(value, types.ModuleType):
        digest.update(value.__name__.encode())
        if value.__name__.partition(".")[0] not in ("numpy", "math"):
            for name in sorted(names & vars(value).keys()):
                _digest_value(vars(value)[name], names, digest, callers)
    elif isinstance(value, np.ndarray):
        digest.update(repr((value.dtype, value.shape)).encode() + value.tobytes())
    elif isinstance(value, tuple | list | dict):
        digest.update(f"{type(value).__name__} {len(value)}".encode())
        for item in value.items() if isinstance(value, dict) else value:
            _digest_value(item, names, digest, callers)
    elif isinstance(value, type):
        members = [f"{member!r} {member.value!r}" for member in value] if issubclass(value, Enum) else []
        defaults = getattr(value, "_field_defaults", {})
        digest.update(repr((value.__qualname__, getattr(value, "_fields", ()), defaults, members)).encode())
    else:
        text = repr(value)
        if " at 0x" in text:
            raise KernelError(f"a kernel cannot use {text}: its value cannot be hashed")
        digest.update(text.encode())
