"""The kernel cache: object code on disk, found by hash, loaded with llvmlite alone, compiled when missing.

Missing kernels are compiled by worker processes, one per core; this process never imports Numba.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import KernelError, Problem, SourceError
from graph.native import functions as native
from graph.native.compiler_process import IN_WORKER, CompilerProcess
from graph.native.digest import key, reached
from graph.native.stored import read, trusted, write

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class CompileUnit:
    """A function to compile: its `name` in messages, and where a worker finds it.

    module, path   importable module and the attribute path in it; `path` may end in `kernel.entry`
    check          raises an error with all mistakes of the source; called before it is compiled
    """

    name: str
    function: Callable[..., Any]
    module: str
    path: str
    check: Callable[[], None] | None = None

    @property
    def importable(self) -> bool:
        """Whether another process can find the function."""
        module = sys.modules.get(self.module)
        if self.module == "__main__" or not getattr(module, "__file__", None):
            return False
        try:
            return attrgetter(self.path)(module) is self.function
        except AttributeError:  # local, made by a call, or bound to another name
            return False

    @property
    def file(self) -> str:
        return str(getattr(sys.modules.get(self.module), "__file__", ""))


def node_unit(cls: type) -> CompileUnit:
    """The unit of a node class's kernel."""
    kernel: Any = cls.kernel  # type: ignore[attr-defined]
    path = f"{cls.__qualname__}.kernel.entry"
    return CompileUnit(cls.__name__, kernel.entry, cls.__module__, path, kernel.check)


def function_unit(function: Callable[..., Any]) -> CompileUnit:
    """The unit of a function that serves as its own entry, such as the driver."""
    return CompileUnit(function.__name__, function, function.__module__, function.__qualname__)


def folder() -> Path:
    """The cache directory: `$GRAPHRUN_CACHE`, or one in the user's cache directory; see `stored.trusted`."""
    given = os.environ.get("GRAPHRUN_CACHE")
    if given:
        return trusted(Path(given))
    import platformdirs

    return trusted(Path(platformdirs.user_cache_dir("graphrun", appauthor=False)) / "kernels")


def addresses(units: Sequence[CompileUnit], report: Report | None = None) -> list[int]:
    """[control] The address of each unit's code; compiles units that are not in the cache."""
    if native.PLAIN:
        return [_plain(unit) for unit in units]
    keys = [_key(unit) for unit in units]
    missing = {k: unit for k, unit in zip(keys, units, strict=True) if k not in _loaded and not _file(k).exists()}
    if missing:
        _compile(list(missing.values()), report)
    for k, unit in missing.items():  # a worker saw another version of the file, or could not write
        if k not in _fresh and not _file(k).exists():
            compile_here(unit)
    return [_load(k, unit) for k, unit in zip(keys, units, strict=True)]


def _key(unit: CompileUnit) -> str:
    try:
        return key(unit.function)
    except KernelError:  # it uses what has no hash: the source says where
        if unit.check:
            unit.check()
        raise


def _plain(unit: CompileUnit) -> int:
    address = id(unit.function)
    native.plain_functions[address] = unit.function
    return address


def callable_at(address: int, *, keep_gil: bool = False) -> Callable[[int], None]:
    """[control] The code at an address from `addresses`, as a function of one int64.

    It releases the GIL; with `keep_gil` it holds it, so that calls from several threads are serialized.
    In plain Python, overflow gives no warning, as in native code.
    """
    if native.PLAIN:
        return np.errstate(all="ignore")(native.plain_functions[address])
    kind = ctypes.PYFUNCTYPE if keep_gil else ctypes.CFUNCTYPE
    function: Callable[[int], None] = kind(None, ctypes.c_int64)(address)
    return function


_loaded: dict[str, int] = {}
_fresh: dict[str, bytes] = {}
_libraries: list[Any] = []
_count = count()


def _file(k: str) -> Path:
    return folder() / f"{k}.o"


@cache
def _linker() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.create_lljit_compiler()


def _load(k: str, unit: CompileUnit) -> int:
    if k not in _loaded:
        image = _fresh.pop(k, None) or read(_file(k))
        if image is None:  # damaged since it was written
            compile_here(unit)
            image = _fresh.pop(k, None) or read(_file(k))
        if image is None:
            raise KernelError(f"the cache folder {folder()} does not keep what is written to it")
        _loaded[k] = link(k, image)
    return _loaded[k]


def link(k: str, image: bytes = b"", text: str = "") -> int:
    """The address of the function `kernel` in object code, or in LLVM IR as text."""
    import llvmlite.binding as llvm

    linker = _linker()
    builder = llvm.JITLibraryBuilder().add_current_process().export_symbol("kernel")
    builder = builder.add_ir(text) if text else builder.add_object_img(image)
    library = builder.link(linker, f"{k} {next(_count)}")  # even a failed link uses up its name
    _libraries.append(library)
    address: int = library["kernel"]
    return address


def _compile(units: list[CompileUnit], report: Report | None) -> None:
    if os.environ.get(IN_WORKER):
        raise KernelError("this file plays or renders on import: move that code under `if __name__ == '__main__':`")
    _check(units)
    total = len(units)
    report = report or _to_terminal
    report(0, total)
    ours = [unit for unit in units if not unit.importable]
    done = 0
    for done, _ in enumerate(_in_workers([unit for unit in units if unit.importable]), start=1):
        report(done, total)
    for unit in ours:
        compile_here(unit)
        done += 1
        report(done, total)


def _check(units: list[CompileUnit]) -> None:
    """Raises one SourceError with the mistakes of all units."""
    problems = []
    for unit in units:
        try:
            if unit.check:
                unit.check()
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)


def _to_terminal(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(
            f"\rCompiling kernels (first use on this machine): {done} of {total}", end=end, file=sys.stderr, flush=True
        )


def compile_here(unit: CompileUnit) -> str:
    """Compiles in this process with Numba; returns the key."""
    from graph.native.compiler import compile_object

    k = key(unit.function)
    image = compile_object(unit.function, unit.name)
    try:
        write(_file(k), image)
    except OSError:  # read-only home or full disk: only this process can use the kernel
        _fresh[k] = image
    return k


def _in_workers(units: list[CompileUnit]) -> Iterable[str]:
    """Compiles in one process per core; yields each unit's name as it is done."""
    if not units:
        return
    writable = _writable(folder())
    if not writable:
        for unit in units:
            compile_here(unit)
            yield unit.name
        return
    waiting = sorted(units, key=lambda unit: weight(unit.function))
    workers: list[CompilerProcess] = []
    errors, problems = [], []
    answers: queue.Queue[tuple[CompilerProcess, str]] = queue.Queue()
    try:
        for _ in range(min(len(units), _cores())):
            workers.append(CompilerProcess(answers, folder()))
            workers[-1].give(waiting.pop())
        while any(worker.job for worker in workers):
            worker, line = answers.get()
            if not line:  # the worker has exited
                if worker.job:
                    errors.append(f"the compiler of {worker.job} exited with status {worker.process.wait()}")
                worker.job = ""
                continue
            answer = json.loads(line)
            if answer["error"]:
                errors.append(answer["error"])
                unplaced = [("", 1, 1, answer["error"])]
                problems += [Problem(*each) for each in answer["problems"] or unplaced]
            yield answer["name"]
            worker.job = ""
            if waiting:
                worker.give(waiting.pop())
    finally:
        for worker in workers:
            worker.end()
    if errors:
        raise KernelError("\n".join(errors), problems)


def _cores() -> int:
    """Number of processors available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def weight(function: Callable[..., Any]) -> int:
    """Approximate compilation cost of a function: the size of the bytecode it reaches."""
    return sum(len(each.__code__.co_code) for each in reached(function))


def _writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False
