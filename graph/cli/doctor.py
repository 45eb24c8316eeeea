"""`graphrun doctor`: checks whether this machine can play, lists missing parts and suggests improvements."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.audio_thread import driver, guard
from graph.cli.parser import Parser
from graph.cli.progress import Progress
from graph.errors import several
from graph.machine.inventory import PACKAGES, machine, midi_ports, missing, outputs, system_libraries, versions
from graph.machine.load_test import LoadTest, load_test
from graph.machine.realtime import Realtime, look
from graph.memory.ring import hand, publish
from graph.native.cache import CompileUnit, Report, addresses, folder, function_unit, node_unit
from graph.native.digest import key
from graph.node.library import all_nodes

GOOD, LACKS = "  ok  ", "  --  "


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun doctor",
        description="Check whether this machine can play live and suggest improvements. Exit status 0 if it can.",
    )
    made.add_argument(
        "--seconds",
        metavar="S",
        type=float,
        default=5.0,
        help="length of the load test, run once with a patch and once without (default: 5)",
    )
    made.add_argument("--compile", action="store_true", help="compile the kernels of all nodes in advance")
    made.add_argument("--json", action="store_true", help="print the report as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun doctor` with the arguments that follow it."""
    arguments = parser()
    options = arguments.parse_args(words)
    if not 0.1 <= options.seconds <= 600:
        arguments.error("--seconds must be from 0.1 to 600")
    with Progress(enabled=not options.json) as progress:
        kernels = kernel_cache(progress.compiling if options.compile else None)
        test = load_test(options.seconds, progress.compiling, progress.clear)
    found, problems = outputs()
    midi_in, midi_out, more = midi_ports()
    realtime = look()
    lacking = missing()
    audible = [info for info in found if info.word != "null" and info.channels]
    playable = bool(audible) and test.playable and not any(package.needed for package in lacking)
    verdict = (
        test.verdict if audible or not test.playable else f"there is no audio output; without one, it {test.verdict}"
    )
    if options.json:
        report: dict[str, Any] = {
            "playable": playable,
            "verdict": verdict,
            "machine": machine(),
            "packages": versions(),
            "libraries": system_libraries(),
            "missing": [{"name": p.name, "for": p.purpose, "install": p.install} for p in lacking],
            "outputs": [asdict(info) for info in found if info.channels],
            "inputs": [asdict(info) for info in found if info.inputs],
            "midi_inputs": midi_in,
            "midi_outputs": midi_out,
            "problems": problems + more,
            "realtime": asdict(realtime),
            "kernels": asdict(kernels),
            "load_test": asdict(test),
        }
        print(json.dumps(report))
        return 0 if playable else 1
    _print_libraries()
    _section(
        "Audio",
        [
            f"{info.word}: {info.name}" + (f" ({info.host})" if info.host else "")
            for info in found
            if info.word != "null"
        ],
    )
    _lacking(problems)
    _section("MIDI", [f"in: {name}" for name in midi_in] + [f"out: {name}" for name in midi_out])
    _lacking(more or ([] if midi_in else ["no MIDI input is connected"]))
    _print_realtime(realtime)
    _print_kernels(kernels)
    _print_test(test)
    advice = [*realtime.advice]
    advice += [f"{p.purpose}: {p.install}" for p in lacking]
    advice += [] if audible else ["no audio output: render to a file with --out, or play with --device null"]
    if kernels.missing:
        advice.append("compile all nodes in advance: graphrun doctor --compile")
    if advice:
        print("\nSuggestions")
        print("\n".join(f"  {line}" for line in advice))
    print(f"\n{verdict[:1].upper()}{verdict[1:]}." if playable else f"\nCannot play: {verdict}.")
    return 0 if playable else 1


@dataclass(frozen=True)
class KernelCache:
    """Compiled code on disk; `others` counts kernels of earlier versions and of the user's own nodes."""

    folder: str
    megabytes: float
    kernels: int
    others: int
    missing: tuple[str, ...]


def kernel_cache(compiling: Report | None = None) -> KernelCache:
    """The contents of the cache; with `compiling`, a progress callback, missing kernels are compiled first."""
    units: list[CompileUnit] = [node_unit(cls) for cls in all_nodes().values()]
    units += [function_unit(function) for function in (driver.render, guard.silence, publish, hand)]
    if compiling is not None:
        addresses(units, compiling)
    place = folder()
    files = {file.stem: file.stat().st_size for file in place.glob("*.o")} if place.is_dir() else {}
    keys = {key(unit.function): unit.name for unit in units}
    return KernelCache(
        str(place),
        round(sum(files.values()) / 1e6, 1),
        len(files),
        len(files.keys() - keys.keys()),
        tuple(sorted(name for k, name in keys.items() if k not in files)),
    )


def _section(title: str, lines: Sequence[str], mark: str = GOOD) -> None:
    print(f"\n{title}")
    for line in lines:
        print(f"{mark}{line}")


def _lacking(lines: Sequence[str]) -> None:
    for line in lines:
        print(f"{LACKS}{line}")


def _print_libraries() -> None:
    facts, there = machine(), versions()
    print(
        f"Python {facts['python']} on {facts['system']}, {facts['processor']}, "
        f"{facts['cores']} core{'' if facts['cores'] == 1 else 's'}"
    )
    _section("Libraries", [])
    words = [f"{name} {version}" for name, version in {**system_libraries(), **there}.items()]
    line = ""
    for word in words:
        if len(line) + len(word) > 90:
            print(GOOD + line)
            line = ""
        line += ("  " if line else "") + word
    print(GOOD + line)
    _lacking([f"{p.name} ({p.purpose}): {p.install}" for p in PACKAGES if p.name not in there])


def _print_realtime(realtime: Realtime) -> None:
    if realtime.allowed is None:
        _section("Real time", [f"{sys.platform} grants audio threads real-time priority automatically"])
        return
    print("\nReal time")
    if realtime.allowed:
        print(f"{GOOD}real-time priority is available to your processes")
    else:
        print(f"{LACKS}real-time priority is not available to your processes: playing works, with less headroom")
    memory = "unlimited" if realtime.memory == -1 else f"{(realtime.memory or 0) >> 20} MB"
    group = {True: "you are in group audio", False: "you are not in group audio"}
    limits = [f"priority limit {realtime.priority}", f"lockable memory: {memory}"]
    limits += [group[realtime.in_group]] if realtime.in_group is not None else []
    limits += [f"CPU governor: {', '.join(realtime.governors)}"] if realtime.governors else []
    print(f"      {'; '.join(limits)}")


def _print_kernels(kernels: KernelCache) -> None:
    _section("Compiled nodes", [f"{kernels.kernels} in {kernels.folder}, {kernels.megabytes:g} MB"])
    if kernels.missing:
        some = ", ".join(kernels.missing[:5]) + (", ..." if len(kernels.missing) > 5 else "")
        them = "them" if len(kernels.missing) > 1 else "it"
        _lacking([f"{several(len(kernels.missing), 'node')} to compile when a patch first uses {them}: {some}"])


def _print_test(test: LoadTest) -> None:
    _section("Load test", [], "")
    print(
        f"{GOOD if test.playable else LACKS}{test.seconds:g} s of the patch '{test.name}' at 64 frames: load "
        f"{test.load:.1%}, {test.patch.late} of {test.patch.callbacks} callbacks late"
    )
    print(f"      alternating with no patch: {test.machine.late} of {test.machine.callbacks} callbacks late")
    for name, found in (("patch", test.patch), ("nothing", test.machine)):
        print(
            f"      {name + ':':<9}wake-up {found.woken_us:.0f} us late (median), {found.worst_us:.0f} us worst case; "
            f"99.9 % finished within {found.needed_ms:.2f} ms ({found.low_ms:.2f} to {found.high_ms:.2f})"
        )
