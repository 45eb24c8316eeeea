"""Compiles one function to object code with Numba. Imported only by `graph.native.cache` and its workers.

The function is cloned with its globals replaced: helpers by jitted clones of themselves, the functions of
`graph.native.functions` by their intrinsics, floats by float32. Numba turns the clone into LLVM IR without
reference counts or exceptions, and a thin C entry is added. The result may refer only to the C math
library: anything that would call Python, allocate or raise appears as a foreign symbol and is an error.
"""

from __future__ import annotations

import operator
import types as python_types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numba
import numpy as np
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.core.typing.templates import AbstractTemplate, signature

from graph.native import functions as native
from graph.native import intrinsics
from graph.native.complaints import at_place, complaint, place
from graph.native.digest import global_names

FASTMATH = {"nsz", "arcp", "contract", "afn", "reassoc"}
"""All fast-math flags except nnan and ninf: equally fast, and `isnan` still works."""

JIT = {"fastmath": FASTMATH, "error_model": "numpy", "_nrt": False, "nogil": True}
JIT |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # Python never calls a kernel's parts

SYMBOL = "kernel"
FLOATS_USED = "_fltused"
RAISED = "a_raised_exception"

_ALLOWED = {"memcpy", "memset", "memmove", "sin", "cos", "tan", "exp", "exp2", "log", "log2", "log10", "pow", "fmod"}
_ALLOWED |= {"tanh", "asin", "acos", "atan", "atan2", "sinh", "cosh", "asinh", "acosh", "atanh", "expm1", "log1p"}
_ALLOWED |= {"floor", "ceil", "round", "trunc", "rint", "nearbyint", "sqrt", "cbrt", "hypot", "erf", "erfc", "fma"}
_ALLOWED |= {"ldexp", "frexp", "modf", "copysign", "tgamma", "lgamma"}
_ALLOWED |= {f"{name}f" for name in _ALLOWED}


class Machine(NamedTuple):
    """What object code is made for: an LLVM target triple, and its processor."""

    triple: str
    cpu: str
    features: str


def this_machine() -> Machine:
    """The processor that runs this process."""
    triple, features = llvm.get_default_triple(), llvm.get_host_cpu_features().flatten()
    return Machine(triple, llvm.get_host_cpu_name(), features)


def compile_object(function: Callable[..., Any], name: str) -> bytes:
    """Object code with the symbol `kernel`, `void(int64 x arguments)`; KernelError if compilation fails.

    function   the entry; every parameter is an int64
    name       name in messages
    """
    return object_of(ir_of(function, name), name, function, this_machine())


def ir_of(function: Callable[..., Any], name: str) -> str:
    """LLVM IR of the function, not yet optimized; arguments as for `compile_object`."""
    _weak_integers()
    arity = function.__code__.co_argcount
    try:
        with _parts():
            entry = numba.njit(types.void(*[types.int64] * arity), **JIT)(_clone(function, {}))
    except numba.core.errors.NumbaError as error:
        raise complaint(name, str(error), function) from None
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, NotImplementedError, AssertionError) as error:
        # Numba fails on unsupported code in many ways; none of its tracebacks help the user.
        raise complaint(name, f"{type(error).__name__}: {error}", function) from error
    result = next(iter(entry.overloads.values()))
    inner = result.fndesc.llvm_func_name
    parameters = ", ".join(f"i64 %{i}" for i in range(arity))
    return str(result.library.get_llvm_str()) + (
        f"\ndefine void @{SYMBOL}({parameters}) {{\n"
        f"entry:\n  %ret = alloca ptr\n  %exc = alloca ptr\n"
        f'  %status = call i32 @"{inner}"(ptr %ret, ptr %exc{"".join(f", i64 %{i}" for i in range(arity))})\n'
        "  %fine = icmp eq i32 %status, 0\n  br i1 %fine, label %good, label %bad\n"
        f"bad:\n  call void @{RAISED}()\n  br label %good\n"
        f"good:\n  ret void\n}}\ndeclare void @{RAISED}()\n"
    )


class _Part(JITCodeLibrary):
    """A function of a kernel, linked only into its callers; the whole is optimized once, at the end.

    Numba optimizes every function with its callees and generates machine code for each. For nested helpers
    that would take two fifths of the time.
    """

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    @property
    def codegen(self) -> _Part:
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Skipped: it would search the machine code for Python's globals."""


@contextmanager
def _parts() -> Iterator[None]:
    """Inside its block, everything that Numba compiles becomes a `_Part`."""
    codegen = cpu_target.target_context.codegen()
    with global_compiler_lock:
        codegen._library_class = _Part
        try:
            yield
        finally:
            del codegen._library_class


def object_of(text: str, name: str, function: Callable[..., Any], target: Machine) -> bytes:
    """Optimized object code of `ir_of`; KernelError if it refers to anything but the C math library."""
    if "windows" in target.triple:  # its linkers expect every object that computes with floats to refer to this symbol
        text += f"\n@{FLOATS_USED} = constant i32 0\n"
    module = llvm.parse_assembly(text)
    module.triple = target.triple
    for item in [*module.functions, *module.global_variables]:
        if not item.is_declaration and item.name not in (SYMBOL, FLOATS_USED):
            item.linkage = "internal"
    machine = llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=3, jit=True
    )
    module.data_layout = str(machine.target_data)
    for vectorises in (False, True):  # loops already in order vectorize better
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = vectorises
        builder = llvm.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
    foreign = {f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")} - _ALLOWED
    foreign |= {g.name for g in module.global_variables if g.is_declaration}
    if foreign:
        raise at_place(*place(function)[:2], f"{name} {_why(foreign)}")
    image: bytes = machine.emit_object(module)
    return image


def _why(foreign: set[str]) -> str:
    """What a kernel does that it may not, from the symbols outside the mathematics library that it refers to."""
    if foreign == {RAISED}:
        return "can raise an exception (raise, assert, or a whole power), which no kernel may: write `x * x` for `x**2`"
    needs = sorted(foreign - {RAISED})
    if any(word.startswith(("Py", "numba_gil", "numba_unpickle")) for word in needs):
        return "calls Python (print, text, or an object), which no kernel may: compute it in `prepare`"
    return f"allocates or raises, which no kernel may, by {', '.join(needs)}: compute it in `prepare`"


def _clone(function: Callable[..., Any], done: dict[int, Any]) -> Callable[..., Any]:
    """A copy of `function` that refers only to compiled functions and constants."""
    double = getattr(function, "__kernel_double__", True)
    names = {}
    for name in global_names(function.__code__):
        if name in function.__globals__:
            names[name] = _exchange(function.__globals__[name], double, done)
    code = function.__code__
    if not double:
        code = code.replace(co_consts=tuple(np.float32(c) if type(c) is float else c for c in code.co_consts))
    cells = tuple(
        python_types.CellType(_exchange(cell.cell_contents, double, done)) for cell in function.__closure__ or ()
    )
    names["__builtins__"] = __builtins__
    clone = python_types.FunctionType(code, names, function.__name__, function.__defaults__, cells)
    clone.__module__ = function.__module__
    return clone


def _exchange(value: Any, double: bool, done: dict[int, Any]) -> Any:
    if isinstance(value, python_types.FunctionType):
        if value.__module__ == native.__name__ and hasattr(intrinsics, value.__name__):
            return getattr(intrinsics, value.__name__)
        if hasattr(value, "__kernel_helper__"):
            if id(value) not in done:
                done[id(value)] = numba.njit(forceinline=True, **JIT)(_clone(value, done))
            return done[id(value)]
    if type(value) is float and not double:
        return np.float32(value)
    return value


class _Weak(AbstractTemplate):
    """`2 * x` of an integer literal and a float32 is float32, as in NumPy (NEP 50).

    Numba would return float64, which halves the vector width.
    """

    prefer_literal = True

    def generic(self, args: Any, kws: Any) -> Any:
        if len(args) != 2 or kws:
            return None
        a, b = args
        if (isinstance(a, types.IntegerLiteral) and b == types.float32) or (
            isinstance(b, types.IntegerLiteral) and a == types.float32
        ):
            result = types.boolean if self.key in _COMPARISONS else types.float32
            return signature(result, types.float32, types.float32)
        return None


_COMPARISONS: tuple[Any, ...] = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
_ARITHMETIC: tuple[Any, ...] = (operator.add, operator.sub, operator.mul, operator.truediv)
_ARITHMETIC += (operator.iadd, operator.isub, operator.imul, operator.itruediv)
_done: set[Any] = set()


def _weak_integers() -> None:
    """Registers `_Weak` before Numba's own rules, once per process."""
    context = cpu_target.typing_context
    context.refresh()
    for function in (*_COMPARISONS, *_ARITHMETIC):
        if function not in _done:
            _done.add(function)
            template = type(f"Weak_{function.__name__}", (_Weak,), {"key": function})
            known = context._lookup_global(function)
            known.templates = (template, *known.templates)
