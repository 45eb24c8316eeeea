"""Compiles every kernel and driver function for Windows, Linux on arm64 and macOS on Apple silicon.

An object may refer only to functions that the C libraries of that system export, or its kernel could not be loaded
there. Nothing is run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from object_symbols import undefined

LIBM = "sin cos tan exp exp2 log log2 log10 pow fmod tanh asin acos atan atan2 sinh cosh asinh acosh atanh expm1 log1p"
LIBM += " floor ceil round trunc rint nearbyint sqrt cbrt fma erf erfc"
COMMON = {"memcpy", "memset", "memmove"} | {name + end for name in LIBM.split() for end in ("", "f")}
EXPORTED = {
    "x86_64-unknown-linux-gnu": COMMON | {"sincos", "sincosf", "hypot", "hypotf", "ldexp", "ldexpf"},
    "aarch64-unknown-linux-gnu": COMMON | {"sincos", "sincosf", "hypot", "hypotf", "ldexp", "ldexpf"},
    "x86_64-pc-windows-msvc": COMMON | {"__chkstk"},
    "arm64-apple-darwin": COMMON | {"__sincos_stret", "__sincosf_stret", "hypot", "hypotf", "bzero"},
}
"""What each system's C library exports; __chkstk is in ntdll. The UCRT has no hypotf and ldexpf."""

PROCESSORS = {"x86_64": "haswell", "aarch64": "generic", "arm64": "apple-m1"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof symbols`."""
    parser.add_argument("--only", metavar="NAME", default="", help="only functions and nodes whose name contains this")


def run(options: argparse.Namespace) -> int:
    """Prints the missing symbols of each system; 1 if there are any."""
    names = [name for name in units() if options.only.lower() in name.lower()]
    missing: dict[str, dict[str, list[str]]] = {triple: defaultdict(list) for triple in EXPORTED}
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2) as pool:
        for name, found in pool.map(symbols_of, names, chunksize=4):
            for triple, symbols in found.items():
                for symbol in symbols - EXPORTED[triple]:
                    missing[triple][symbol].append(name)
    for triple, symbols in missing.items():
        print(f"{triple}: {len(names)} objects, {len(symbols)} missing symbols")
        for symbol, users in sorted(symbols.items()):
            print(f"  {symbol}: {', '.join(users[:8])}")
    return 1 if any(missing.values()) else 0


def units() -> dict[str, Callable[..., Any]]:
    """Every function that is compiled as a whole, by name."""
    import nodes
    from graph.analysis.measure import measure
    from graph.audio_thread import driver, guard
    from graph.audio_thread.jack import jack_callback
    from graph.audio_thread.miniaudio import miniaudio_callback
    from graph.audio_thread.null import null_device
    from graph.audio_thread.portaudio import portaudio_callback
    from graph.memory.ring import hand, publish
    from graph.midi.bytes import receive, release_port
    from graph.midi.file import rank_events
    from graph.midi.parse import read_messages
    from graph.native.cache import node_unit
    from graph.node.library import Library

    found: dict[str, Callable[..., Any]] = {
        f"node {name}": node_unit(cls).function for name, cls in Library().all_nodes().items()
    }
    assert len(found) >= len(dir(nodes)) > 100
    others = (driver.render, guard.silence, measure, hand, publish, receive, release_port, rank_events, read_messages)
    devices = (jack_callback, miniaudio_callback, null_device, portaudio_callback)
    return found | {function.__name__: function for function in (*others, *devices)}


def symbols_of(name: str) -> tuple[str, dict[str, set[str]]]:
    """The undefined symbols of one function's object for each system."""
    import llvmlite.binding as llvm

    from graph.native import compiler, intrinsics

    sys.setrecursionlimit(10_000)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    function = units()[name]
    found: dict[str, set[str]] = {}
    made: dict[bool, str] = {}
    for triple in EXPORTED:
        family = triple.partition("-")[0]
        x86 = family == "x86_64"
        if x86 not in made:
            intrinsics.X86, intrinsics.ARM64 = x86, not x86
            same = made and "llvm.x86" not in made[True]
            made[x86] = made[True] if same else compiler.ir_of(function, name)
        text = made[x86]
        image = compiler.object_of(text, name, function, compiler.Machine(triple, PROCESSORS[family], ""))
        found[triple] = undefined(image)
    return name, found
