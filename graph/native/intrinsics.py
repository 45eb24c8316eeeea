"""LLVM implementations of `graph.native.functions`. Imported only by `graph.native.compiler`."""

from __future__ import annotations

import platform
import sys
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel.models import ArrayModel
from numba.extending import intrinsic, register_model
from numba.np.arrayobj import make_array, populate_array

X86 = platform.machine().lower() in ("x86_64", "amd64", "i686")
ARM64 = platform.machine().lower() in ("arm64", "aarch64")
I64 = ir.IntType(64)
I32 = ir.IntType(32)


class PortArray(types.Array):
    """The array of one port or state of a kernel: its type carries the port's number and their count.

    From the type, `load` and `store` know that it overlaps no other port, even as an argument of a helper.
    """

    def __init__(self, dtype: Any, ndim: int, port: int, ports: int, layout: Any = "C", readonly: bool = False) -> None:
        self.port, self.ports = port, ports
        name = f"port {port} of {ports}: array({dtype}, {ndim}d, {layout}, {readonly})"
        super().__init__(dtype, ndim, layout, readonly=readonly, name=name)

    @property
    def key(self) -> Any:
        return (*super().key, self.port, self.ports)

    def copy(self, dtype: Any = None, ndim: Any = None, layout: Any = None, readonly: Any = None) -> Any:
        """A slice of a port belongs to that port."""
        return PortArray(
            self.dtype if dtype is None else dtype,
            self.ndim if ndim is None else ndim,
            self.port,
            self.ports,
            self.layout if layout is None else layout,
            not self.mutable if readonly is None else readonly,
        )


register_model(PortArray)(ArrayModel)


def _tag(builder: Any, instruction: Any, array: Any) -> None:
    """Declares that this access lies in its port's alias scope and overlaps no other port's.

    Otherwise LLVM must assume that a node run in place reads what it has just written, and stops
    vectorizing: 64 voices ran at 0.09 of the speed of hand-written C, 0.6 with scopes.
    """
    if not isinstance(array, PortArray):
        return
    module = builder.module
    domain = module.add_metadata(["graphrun ports"])
    scopes = [module.add_metadata([f"graphrun port {i}", domain]) for i in range(array.ports)]
    instruction.set_metadata("alias.scope", module.add_metadata([scopes[array.port]]))
    others = [scope for i, scope in enumerate(scopes) if i != array.port]
    if others:
        instruction.set_metadata("noalias", module.add_metadata(others))


def _element(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index], inbounds=True)


@intrinsic
def load(typing: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value = builder.load(_element(context, builder, signature.args[0], args[0], args[1]))
        _tag(builder, value, signature.args[0])
        return value

    return array.dtype(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        written = builder.store(args[2], _element(context, builder, signature.args[0], args[0], args[1]))
        _tag(builder, written, signature.args[0])
        return context.get_dummy_value()

    return types.none(array, types.intp, array.dtype), generate


V8 = ir.VectorType(ir.FloatType(), 8)
REORDER = ("reassoc", "nsz", "contract")


@intrinsic
def dot8(typing: Any, first: Any, second: Any, row: Any, share: Any, points: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def eight(array: int, index: Any) -> Any:
            place = _element(context, builder, signature.args[array], args[array], index)
            value = builder.load(builder.bitcast(place, V8.as_pointer()), align=4)
            _tag(builder, value, signature.args[array])
            return value

        lane = builder.insert_element(ir.Constant(V8, ir.Undefined), args[3], I32(0))
        shares = builder.shuffle_vector(lane, ir.Constant(V8, ir.Undefined), ir.Constant(ir.VectorType(I32, 8), None))
        weights = builder.fadd(eight(0, args[2]), builder.fmul(shares, eight(1, args[2])))
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType(), V8])
        total = cgutils.get_or_insert_function(builder.module, kind, "llvm.vector.reduce.fadd.v8f32")
        products = builder.fmul(weights, eight(4, args[5]))
        return builder.call(total, [ir.Constant(ir.FloatType(), -0.0), products], fastmath=REORDER)

    return types.float32(first, second, types.intp, types.float32, points, types.intp), generate


@intrinsic(prefer_literal=True)
def as_port(typing: Any, array: Any, port: Any, ports: Any) -> Any:
    made = PortArray(array.dtype, array.ndim, port.literal_value, ports.literal_value)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return args[0]  # same memory layout, different type

    return made(array, port, ports), generate


def _item_type(dtype: Any) -> Any:
    return dtype.dtype if isinstance(dtype, types.DType) else dtype.instance_type


def _view(dimensions: int) -> Any:
    def make(dtype: Any) -> tuple[Any, Any]:
        array_type = types.Array(_item_type(dtype), dimensions, "C")

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            array = make_array(array_type)(context, builder)
            item = I64(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
            shape = list(args[1 : 1 + dimensions])
            strides = [item]
            for extent in reversed(shape[1:]):
                strides.insert(0, builder.mul(strides[0], extent))
            data = builder.inttoptr(args[0], array.data.type)
            populate_array(array, data=data, shape=shape, strides=strides, itemsize=item, meminfo=None)
            return array._getvalue()

        return array_type(*([types.int64] * (1 + dimensions)), dtype), generate

    return make


@intrinsic
def view1(typing: Any, address: Any, count: Any, dtype: Any) -> Any:
    return _view(1)(dtype)


@intrinsic
def view2(typing: Any, address: Any, rows: Any, columns: Any, dtype: Any) -> Any:
    return _view(2)(dtype)


@intrinsic
def view3(typing: Any, address: Any, pages: Any, rows: Any, columns: Any, dtype: Any) -> Any:
    return _view(3)(dtype)


def _function(builder: Any, address: Any, result: Any, arguments: list[Any]) -> Any:
    return builder.inttoptr(address, ir.FunctionType(result, arguments).as_pointer())


@intrinsic
def call(typing: Any, function: Any, argument: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.call(_function(builder, args[0], ir.VoidType(), [I64]), [args[1]])
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@intrinsic
def load_acquire(typing: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(_element(context, builder, signature.args[0], args[0], args[1]), "acquire", 8)

    return types.int64(array, types.intp), generate


@intrinsic
def fence_acquire(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.fence("acquire")
        return context.get_dummy_value()

    return types.none(), generate


@intrinsic
def store_release(typing: Any, array: Any, index: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _element(context, builder, signature.args[0], args[0], args[1])
        builder.store_atomic(args[2], place, "release", 8)
        return context.get_dummy_value()

    return types.none(array, types.intp, types.int64), generate


def _mode_register(builder: Any, name: str) -> tuple[Any, Any]:
    """Reads MXCSR through a stack slot, as the instruction requires."""
    slot = cgutils.alloca_once(builder, I32)
    pointer = ir.IntType(8).as_pointer()
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [pointer]), name)
    return slot, lambda: builder.call(function, [builder.bitcast(slot, pointer)])


@intrinsic
def flush_denormals(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if X86:
            slot, read = _mode_register(builder, "llvm.x86.sse.stmxcsr")
            read()
            old = builder.load(slot)
            builder.store(builder.or_(old, I32(0x8040)), slot)  # flush to zero, denormals are zero
            _mode_register_write(builder, slot)
            return builder.zext(old, I64)
        if ARM64:
            read = cgutils.get_or_insert_function(builder.module, ir.FunctionType(I64, []), "llvm.aarch64.get.fpcr")
            old = builder.call(read, [])
            _write_fpcr(builder, builder.or_(old, I64(1 << 24)))
            return old
        return I64(0)

    return types.int64(), generate


def _mode_register_write(builder: Any, slot: Any) -> None:
    pointer = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer])
    write = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse.ldmxcsr")
    builder.call(write, [builder.bitcast(slot, pointer)])


def _write_fpcr(builder: Any, value: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [I64])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.aarch64.set.fpcr"), [value])


@intrinsic
def restore_denormals(typing: Any, mode: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if X86:
            slot = cgutils.alloca_once(builder, I32)
            builder.store(builder.trunc(args[0], I32), slot)
            _mode_register_write(builder, slot)
        elif ARM64:
            _write_fpcr(builder, args[0])
        return context.get_dummy_value()

    return types.none(types.int64), generate


@intrinsic
def cycles(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(I64, [])  # on arm64 this reads the virtual timer
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.readcyclecounter"), [])

    return types.int64(), generate


@intrinsic
def float_to_bits(typing: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], I32)

    return types.uint32(types.float32), generate


@intrinsic
def bits_to_float(typing: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def monotonic_ticks(typing: Any, function: Any) -> Any:
    """The clock that JACK and Link use: `CLOCK_MONOTONIC_RAW`, macOS's `CLOCK_UPTIME_RAW`, in nanoseconds;
    on Windows `QueryPerformanceCounter`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if sys.platform == "win32":
            slot = cgutils.alloca_once(builder, I64)
            builder.call(_function(builder, args[0], I32, [I64.as_pointer()]), [slot])
            return builder.load(slot)
        pair = ir.ArrayType(I64, 2)
        slot = cgutils.alloca_once(builder, pair)
        which = I32(8 if sys.platform == "darwin" else 4)
        builder.call(_function(builder, args[0], I32, [I32, pair.as_pointer()]), [which, slot])
        time = builder.load(slot)
        seconds = builder.mul(builder.extract_value(time, 0), I64(1_000_000_000))
        return builder.add(seconds, builder.extract_value(time, 1))

    return types.int64(types.int64), generate


@intrinsic
def call_c(typing: Any, function: Any, a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    """All supported systems pass these arguments in registers, so unused ones are harmless."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.call(_function(builder, args[0], I64, [I64] * 5), args[1:])

    return types.int64(*[types.int64] * 6), generate


@intrinsic
def sleep_ns(typing: Any, function: Any, nanoseconds: Any) -> Any:
    """`nanosleep`, or `Sleep` (whole milliseconds) on Windows."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if sys.platform == "win32":
            milliseconds = builder.trunc(builder.sdiv(args[1], I64(1_000_000)), I32)
            builder.call(_function(builder, args[0], ir.VoidType(), [I32]), [milliseconds])
            return context.get_dummy_value()
        pair = ir.ArrayType(I64, 2)
        slot = cgutils.alloca_once(builder, pair)
        value = builder.insert_value(ir.Constant(pair, ir.Undefined), builder.sdiv(args[1], I64(1_000_000_000)), 0)
        value = builder.insert_value(value, builder.srem(args[1], I64(1_000_000_000)), 1)
        builder.store(value, slot)
        pointer = pair.as_pointer()
        builder.call(_function(builder, args[0], I32, [pointer, pointer]), [slot, ir.Constant(pointer, None)])
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate
