"""A C callback for audio libraries: stores its arguments in a device's record and calls a kernel.

Generated as LLVM code per device with the addresses as constants, so the library's own "user
data" is not needed, and the call runs no Python.
"""

from __future__ import annotations

from itertools import count

from graph.memory.tables import DEVICE
from graph.native.cache import link

_count = count()


def c_callback(arguments: str, kernel: int, device: int) -> int:
    """The address of `int(arguments)`: i is a C int of 32 bits, l a C long, p an address.

    kernel   address of the kernel to call; device: address of the DEVICE record
    """
    kinds = [{"i": "i32", "l": f"i{8 * _long_bytes()}", "p": "i64"}[kind] for kind in arguments]
    parameters = ", ".join(f"{kind} %x{n}" for n, kind in enumerate(kinds))
    lines = [f"define i32 @kernel({parameters}) {{"]
    for n, kind in enumerate(kinds):
        value = f"%x{n}"
        if kind != "i64":
            lines.append(f"  %w{n} = zext {kind} {value} to i64")
            value = f"%w{n}"
        lines.append(f"  store i64 {value}, ptr inttoptr (i64 {device + _offset('abcdef'[n])} to ptr)")
    lines.append(f"  call void inttoptr (i64 {kernel} to ptr)(i64 {device})")
    lines.append(f"  %r = load i64, ptr inttoptr (i64 {device + _offset('result')} to ptr)")
    lines += ["  %s = trunc i64 %r to i32", "  ret i32 %s", "}"]
    return link(f"callback {next(_count)}", text="\n".join(lines))


def _offset(field: str) -> int:
    return int(DEVICE.fields[field][1])  # type: ignore[index]


def _long_bytes() -> int:
    import ctypes

    return ctypes.sizeof(ctypes.c_long)
