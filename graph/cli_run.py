"""`graphrun PATCH`: renders a patch to a file, or plays it to a device."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.presets import Setting
    from graph.render import Renderer

USAGE = """\
graphrun PATCH [--midi FILE] [--out FILE] [--seconds S] [--set NODE.PORT=VALUE] [--preset NAME]
                      [--save-preset NAME FILE] [--rate HZ] [--block FRAMES] [--nodes FILE.py]
                      [--device null] [--json]
       graphrun check PATCH... [--nodes FILE.py] [--json]
       graphrun nodes [NAME] [--nodes FILE.py] [--json]
       graphrun schema [--nodes FILE.py]"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="graphrun",
        usage=USAGE,
        description="Makes music from a patch. `graphrun check PATCH` looks for mistakes without a sound.",
    )
    parser.add_argument("patch", metavar="PATCH", help="a patch file, or the name of a bundled patch")
    parser.add_argument("--midi", metavar="FILE", help="play a Standard MIDI File into the patch's MIDI inputs")
    parser.add_argument("--out", metavar="FILE", type=Path, help="render to this file: .wav, .flac or .ogg")
    parser.add_argument("--seconds", metavar="S", type=_positive, help="stop after S seconds")
    parser.add_argument(
        "--set",
        metavar="NODE.PORT=VALUE",
        action="append",
        default=[],
        type=_setting,
        help="another value (repeatable)",
    )
    parser.add_argument(
        "--preset", metavar="NAME", action="append", default=[], help="a preset of the patch (repeatable)"
    )
    parser.add_argument(
        "--save-preset",
        metavar=("NAME", "FILE"),
        nargs=2,
        help="write what --preset and --set give as a preset into a patch file, instead of playing",
    )
    parser.add_argument("--rate", metavar="HZ", type=_positive, help="sample rate, 8000 to 192000")
    parser.add_argument("--block", metavar="FRAMES", type=int, help="frames in a block, 1 to 8192")
    parser.add_argument("--nodes", metavar="FILE.py", action="append", default=[], help="Python file with more nodes")
    parser.add_argument("--device", choices=["null"], help="play to the null device, which keeps time and is not heard")
    parser.add_argument("--json", action="store_true", help="print one JSON object about the render")
    return parser


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got '{text}'") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got '{text}'")
    return int(value) if value == int(value) else value


def _setting(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"expected NODE.PORT=VALUE, such as filter.cutoff=800Hz, got '{text}'")
    return path.strip(), value.strip()


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun` with the words after it."""
    from graph.patch import apply, read
    from graph.render import Renderer
    from graph.sound_file import check_target

    options = _parser().parse_args(words)
    started = time.perf_counter()
    out: Path = options.out or Path(f"{Path(options.patch).stem}.wav")
    patch = read(options.patch, nodes_files=options.nodes)
    settings = apply(patch, options.preset, dict(options.set))
    if options.save_preset:
        return _save_preset(options, settings)
    if options.device is None:
        check_target(out)
    with _Progress(enabled=not options.json) as progress:
        renderer = Renderer(
            patch.graph,
            options.seconds,
            options.midi,
            rate=options.rate,
            block=options.block,
            report=progress.compiling,
        )
        if options.device == "null":
            return _play_null(renderer, options)
        if options.out is None and not options.json:
            print(f"There is no audio output yet: rendering to {out}", file=sys.stderr)
        summary = _render(renderer, out, progress)
    summary |= {"patch": options.patch, "wall_seconds": round(time.perf_counter() - started, 3)}
    summary["times_real_time"] = round(summary["seconds"] / max(summary["wall_seconds"], 1e-3), 1)
    if options.json:
        print(json.dumps(summary))
    else:
        _tell(summary)
    return 0


def _render(renderer: Renderer, out: Path, progress: _Progress) -> dict[str, Any]:
    """Writes the file; what `--json` prints."""
    from graph.sound_file import SoundFileWriter

    engine = renderer.engine
    with SoundFileWriter(out, engine.rate, engine.channels) as file:
        for audio in renderer:
            file.write(audio)
            progress.rendering(file.frames / engine.rate)
    if file.peak > 1.0 and out.suffix.lower() != ".wav":
        renderer.warnings.append(f"the peak of {file.peak:.2f} is above full scale, and {out.suffix} clips it")
    return {
        "file": str(out),
        "frames": file.frames,
        "channels": engine.channels,
        "rate": engine.rate,
        "seconds": round(file.frames / engine.rate, 3),
        "peak": round(file.peak, 6),
        "nodes": len(engine.plan.steps),
        "notes": renderer.notes,
        "warnings": renderer.warnings,
    }


def _play_null(renderer: Renderer, options: argparse.Namespace) -> int:
    """Plays to the null device and says how well it kept its time."""
    from graph.null_device import NullDevice
    from graph.render import ENDLESS_SECONDS

    device = NullDevice(renderer.engine)
    seconds = options.seconds or ENDLESS_SECONDS
    device.start(seconds)
    try:
        renderer.feed_while(lambda: not device.wait(0.05))
    finally:
        stats = device.stop()
    late = stats.lateness
    summary = {
        "device": "null",
        "patch": options.patch,
        "rate": renderer.engine.rate,
        "block": renderer.engine.block,
        "blocks": len(late),
        "missed": stats.missed,
        "load": round(stats.load, 5),
        "median_lateness_us": round(float(sorted(late)[len(late) // 2]) * 1e6, 1) if len(late) else 0.0,
        "worst_lateness_us": round(float(late.max()) * 1e6, 1) if len(late) else 0.0,
        "peak": round(max(meter.peak for meter in renderer.engine.meters()), 6),
        "warnings": renderer.warnings,
    }
    if options.json:
        print(json.dumps(summary))
        return 0
    print(
        f"{summary['blocks']} blocks of {summary['block']} frames at {summary['rate']:g} Hz, "
        f"{summary['missed']} missed; "
        f"load {stats.load:.2%}, woken {summary['median_lateness_us']} us late (median), "
        f"{summary['worst_lateness_us']} us at worst"
    )
    _warn(renderer.warnings)
    return 0


def _tell(summary: dict[str, Any]) -> None:
    level = f"peak {summary['peak']:.3f}" if summary["peak"] else "silence"
    print(
        f"{summary['file']}: {summary['seconds']:g} s, {summary['channels']} channels at {summary['rate']:g} Hz, "
        f"{level}; {summary['nodes']} nodes, {summary['times_real_time']:g}x real time"
    )
    _warn(summary["warnings"])


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _save_preset(options: argparse.Namespace, settings: list[Setting]) -> int:
    """`--save-preset NAME FILE`."""
    from graph.preset_file import save_preset

    name, file = options.save_preset
    count = save_preset(options.patch, name, Path(file), settings, options.nodes)
    if options.json:
        print(json.dumps({"file": file, "preset": name, "values": count}))
    else:
        print(f"{file}: preset '{name}' with {count} values")
    return 0


class _Progress:
    """A line that is written over while something takes its time; nothing where nobody looks on."""

    def __init__(self, *, enabled: bool) -> None:
        self._live = sys.stderr.isatty()
        self._enabled = enabled
        self._written = 0
        self._next = time.perf_counter() + 0.3

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._written:
            print("\r" + " " * self._written + "\r", end="", file=sys.stderr, flush=True)

    def compiling(self, done: int, total: int) -> None:
        """Kernels are being compiled."""
        if self._live:
            self._line(f"Compiling kernels, once on this machine: {done} of {total}")
        elif self._enabled and done in (0, total):
            print(f"Compiling kernels, once on this machine: {done} of {total}", file=sys.stderr, flush=True)

    def rendering(self, seconds: float) -> None:
        """So much sound is done."""
        if self._live and time.perf_counter() > self._next:
            self._next = time.perf_counter() + 0.1
            self._line(f"Rendered {seconds:.1f} s")

    def _line(self, text: str) -> None:
        print("\r" + text.ljust(self._written), end="", file=sys.stderr, flush=True)
        self._written = len(text)
