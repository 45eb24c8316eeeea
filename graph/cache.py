"""Kernels as object code on disk: found by a hash, loaded with llvmlite alone, compiled when missing.

The key of a kernel covers everything that compiles into it: its bytecode and constants, those of
every helper that it reaches, whichever file they are in, the values of the module constants they
read, the compiler itself, the versions of Numba and llvmlite, and the processor. So an edit never
serves stale code, and a comment never costs a compilation.

Missing kernels are compiled by worker processes, one a core; this process never imports Numba.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import queue
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from graph import native
from graph.errors import KernelError

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Unit:
    """One function to compile: `name` for messages, and where a worker finds it.

    module, path   importable module and the attribute path in it; `path` may end in `kernel.entry`
    """

    name: str
    function: Callable[..., Any]
    module: str
    path: str

    @property
    def importable(self) -> bool:
        """Whether another process can find the function."""
        module = sys.modules.get(self.module)
        return self.module != "__main__" and "<locals>" not in self.path and bool(getattr(module, "__file__", None))

    @property
    def file(self) -> str:
        return str(getattr(sys.modules.get(self.module), "__file__", ""))


def node_unit(cls: type) -> Unit:
    """The unit of a node class's kernel."""
    return Unit(cls.__name__, cls.kernel.entry, cls.__module__, f"{cls.__qualname__}.kernel.entry")  # type: ignore[attr-defined]


def function_unit(function: Callable[..., Any]) -> Unit:
    """The unit of a function that is its own entry, such as the driver."""
    return Unit(function.__name__, function, function.__module__, function.__qualname__)


def folder() -> Path:
    """Where objects are kept: `$GRAPHRUN_CACHE`, or the user's cache directory."""
    given = os.environ.get("GRAPHRUN_CACHE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("graphrun", appauthor=False)) / "kernels"


def addresses(units: Sequence[Unit], report: Report | None = None) -> list[int]:
    """[control] The address of each unit's code, compiled now where it is not in the cache."""
    if native.PLAIN:
        return [_plain(unit) for unit in units]
    keys = [key(unit.function) for unit in units]
    missing = {k: unit for k, unit in zip(keys, units, strict=True) if k not in _loaded and not _file(k).exists()}
    if missing:
        _compile(list(missing.values()), report)
    return [_load(k, unit) for k, unit in zip(keys, units, strict=True)]


def _plain(unit: Unit) -> int:
    address = id(unit.function)
    native.plain_functions[address] = unit.function
    return address


_loaded: dict[str, int] = {}
_fresh: dict[str, bytes] = {}
_libraries: list[Any] = []


def _file(k: str) -> Path:
    return folder() / f"{k}.o"


@cache
def _linker() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.create_lljit_compiler()


def _load(k: str, unit: Unit) -> int:
    if k not in _loaded:
        import llvmlite.binding as llvm

        try:
            image = _fresh.pop(k, None) or _file(k).read_bytes()
        except OSError as error:
            raise KernelError(f"the compiled kernel of {unit.name} is gone from the cache: {error}") from None
        builder = llvm.JITLibraryBuilder().add_object_img(image).add_current_process().export_symbol("kernel")
        library = builder.link(_linker(), k)
        _libraries.append(library)
        _loaded[k] = library["kernel"]
    return _loaded[k]


def _compile(units: list[Unit], report: Report | None) -> None:
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


def _to_terminal(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\rCompiling kernels, once on this machine: {done} of {total}", end=end, file=sys.stderr, flush=True)


def compile_here(unit: Unit) -> str:
    """Compiles in this process, with Numba; returns the key."""
    from graph.compiler import compile_object

    k = key(unit.function)
    image = compile_object(unit.function, unit.name)
    target = _file(k)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as file:
            file.write(image)
        Path(file.name).replace(target)
    except OSError:  # a read-only home: the kernel serves this process alone
        _fresh[k] = image
    return k


def _in_workers(units: list[Unit]) -> Iterable[str]:
    """Compiles in one process a core; yields a unit's name as each is done."""
    if not units:
        return
    writable = _writable(folder())
    if not writable:
        for unit in units:
            compile_here(unit)
            yield unit.name
        return
    waiting = sorted(units, key=lambda unit: weight(unit.function))
    workers = [_Worker() for _ in range(min(len(units), os.cpu_count() or 1))]
    errors = []
    answers: queue.Queue[tuple[_Worker, str]] = queue.Queue()
    try:
        for worker in workers:
            worker.give(waiting.pop())
            worker.listen(answers)
        busy = len(workers)
        while busy:
            worker, line = answers.get()
            if not line:  # it died before it answered
                busy -= 1
                errors.append(f"the compiler of {worker.job} ended with status {worker.process.wait()}")
                continue
            answer = json.loads(line)
            if answer["error"]:
                errors.append(answer["error"])
            yield answer["name"]
            if waiting:
                worker.give(waiting.pop())
            else:
                busy -= 1
    finally:
        for worker in workers:
            worker.end()
    if errors:
        raise KernelError("\n".join(errors))


class _Worker:
    """A process that compiles one unit after another."""

    def __init__(self) -> None:
        environment = {**os.environ, "GRAPHRUN_CACHE": str(folder()), "NUMBA_DISABLE_JIT": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, json.dumps([str(Path(p).resolve()) for p in sys.path])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.job = ""

    def give(self, unit: Unit) -> None:
        """Sends it the next unit."""
        assert self.process.stdin is not None
        self.job = unit.name
        job = {"module": unit.module, "path": unit.path, "name": unit.name, "file": unit.file}
        with suppress(OSError):  # it has died: its empty answer says so
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()

    def listen(self, answers: queue.Queue[tuple[_Worker, str]]) -> None:
        """Puts its lines, and an empty one at its end, into `answers`."""

        def read() -> None:
            assert self.process.stdout is not None
            for line in self.process.stdout:
                answers.put((self, line))
            answers.put((self, ""))

        self.thread = threading.Thread(target=read, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Stops the process, which has nothing left to do."""
        self.process.kill()
        self.process.wait()
        self.thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()


_WORKER = (
    "import json, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # the parent ends us
    "sys.path[:] = json.loads(sys.argv[1]); from graph.worker import work; work()"
)


def weight(function: Callable[..., Any]) -> int:
    """Roughly how long a function takes to compile: the bytecode that it reaches."""
    seen: dict[int, int] = {}

    def walk(value: Any) -> None:
        if isinstance(value, types.FunctionType) and id(value) not in seen:
            seen[id(value)] = len(value.__code__.co_code)
            for name in value.__code__.co_names:
                walk(value.__globals__.get(name))

    walk(function)
    return sum(seen.values())


def _writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def key(function: Callable[..., Any]) -> str:
    """Hash of all that compiles into `function`."""
    digest = hashlib.sha256(_machine())
    _digest(function, digest, set())
    return f"{function.__code__.co_name}-{digest.hexdigest()[:40]}"


@cache
def _machine() -> bytes:
    import llvmlite.binding as llvm

    parts = [sys.version, platform.system(), metadata.version("numba"), metadata.version("llvmlite")]
    parts += [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    here = Path(__file__).parent
    sources = [(here / f"{name}.py").read_bytes() for name in ("compiler", "intrinsics", "native")]
    return "\n".join(parts).encode() + b"".join(sources)


def _digest(function: Any, digest: Any, seen: set[int]) -> None:
    if id(function) in seen:
        return
    seen.add(id(function))
    digest.update(repr(getattr(function, "__kernel_double__", None)).encode())
    _digest_code(function.__code__, digest)
    names = function.__code__.co_names
    for name in names:
        if name in function.__globals__:
            digest.update(name.encode())
            _digest_value(function.__globals__[name], names, digest, seen)
    for cell in function.__closure__ or ():
        _digest_value(cell.cell_contents, names, digest, seen)


def _digest_code(code: types.CodeType, digest: Any) -> None:
    digest.update(code.co_code)
    digest.update(repr(code.co_names + code.co_varnames).encode())
    for i, constant in enumerate(code.co_consts):
        if isinstance(constant, types.CodeType):
            _digest_code(constant, digest)
        else:
            docstring = i == 0 and isinstance(constant, str)
            digest.update(repr(None if docstring else constant).encode())


def _digest_value(value: Any, names: Sequence[str], digest: Any, seen: set[int]) -> None:
    if isinstance(value, types.FunctionType):
        if value.__module__ == native.__name__:
            digest.update(value.__name__.encode())
        else:
            _digest(value, digest, seen)
    elif isinstance(value, types.ModuleType):
        digest.update(value.__name__.encode())
        if value.__name__.partition(".")[0] not in ("numpy", "math"):
            for name in names:
                if name in vars(value):
                    _digest_value(vars(value)[name], names, digest, seen)
    elif isinstance(value, np.ndarray):
        digest.update(repr((value.dtype, value.shape)).encode() + value.tobytes())
    elif isinstance(value, type):
        digest.update(repr((value.__qualname__, getattr(value, "_fields", ()))).encode())
    else:
        digest.update(repr(value).encode())
