"""Rendering from the command line: level, file, picture and report."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graph.analysis.levels import Levels, decibels
from graph.cli.cost import cpu_by_node, print_cpu
from graph.errors import several
from graph.media.formats import encoding
from graph.media.raw_file import leftovers
from graph.media.sound_file import new_render
from graph.play.render import Renderer

if TYPE_CHECKING:
    from graph.cli.progress import Progress
    from graph.media.formats import Bits
    from graph.perform.performance import Performance

CEILING = -1.0
"""Highest true peak in dB after --normalize, as streaming services ask for: encoders overshoot."""
PIECE = 1 << 16
"""Frames per piece of the second pass of --normalize."""


def render(performance: Performance, options: argparse.Namespace, out: Path, progress: Progress) -> int:
    """[control] Renders to a file and reports the result; returns the exit status."""
    started = time.perf_counter()
    renderer = Renderer(
        performance.graph,
        options.seconds,
        options.midi,
        audio_in=options.audio_in[0] if options.audio_in else None,
        rate=options.rate,
        block=options.block,
        report=progress.compiling,
        presets=list(performance.patch.presets),
        choose=performance.with_preset,
    )
    renderer.warnings += performance.notes
    summary = _write(renderer, options, out, progress)
    summary |= {"patch": options.patch, "wall_seconds": round(time.perf_counter() - started, 3)}
    summary["times_real_time"] = round(summary["seconds"] / max(summary["wall_seconds"], 1e-3), 1)
    if options.verbose:
        summary["cpu_by_node"] = cpu_by_node(renderer.engine)
    if options.plot:
        from graph.analysis.plot import draw_file

        draw_file(out, options.plot)
    if options.json:
        print(json.dumps(summary))
    elif options.quiet:
        warn(summary["warnings"])
    else:
        _tell(summary)
        print_cpu(summary.get("cpu_by_node", {}))
    return 0


def _write(renderer: Renderer, options: argparse.Namespace, out: Path, progress: Progress) -> dict[str, Any]:
    """Writes the file; returns the report for `--json`."""
    engine = renderer.engine
    renderer.warnings += leftovers(out.parent)

    def seen(frames: int) -> None:
        progress.rendering(frames / engine.rate)

    report, warnings = write_levelled(
        renderer,
        out,
        engine.rate,
        engine.channels,
        bits=options.bits,
        gain=options.gain or 0.0,
        normalize=options.normalize,
        seen=seen,
    )
    renderer.warnings += warnings
    return {
        "file": str(out),
        "frames": report["frames"],
        "channels": engine.channels,
        "rate": engine.rate,
        "seconds": round(report["frames"] / engine.rate, 3),
        **report,
        "nodes": len(engine.plan.steps),
        "notes": renderer.notes,
        "warnings": renderer.warnings,
    }


def write_levelled(
    audio: Iterable[NDArray[np.float32]],
    out: Path,
    rate: float,
    channels: int,
    *,
    bits: Bits | None,
    gain: float,
    normalize: float | None,
    seen: Callable[[int], None] | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """Writes sound with a gain in dB, or at a loudness in LUFS: two passes, the first into a temporary file.

    Returns the levels of what was written, and warnings. `seen` is called with the number of frames so far.
    """
    levels = Levels(rate, channels)
    warnings: list[str] = []

    def heard() -> Iterator[NDArray[np.float32]]:
        for piece in audio:
            levels.hear(piece)
            if seen is not None:
                seen(levels.frames)
            yield piece

    with new_render(out, rate, channels, bits) as file, tempfile.TemporaryFile() as spool:
        if normalize is None:
            for piece in heard():
                file.write(piece * np.float32(10 ** (gain / 20)) if gain else piece)
        else:
            for piece in heard():
                np.ascontiguousarray(piece, np.float32).tofile(spool)
            gain = _normalizing(levels, normalize, warnings)
            spool.seek(0)
            while data := spool.read(PIECE * channels * 4):
                file.write(np.frombuffer(data, np.float32).reshape(-1, channels) * np.float32(10 ** (gain / 20)))
    factor = 10 ** (gain / 20)
    peak = levels.peak * factor
    if peak > 1.0:
        what = "a 16- or 24-bit device" if encoding(out, bits).bits == "float" else out.suffix
        warnings.append(
            f"the peak of {peak:.2f} is above full scale: {what} clips it; lower the output level or add a Limiter"
        )
    found = levels.loudness()
    return {
        "frames": levels.frames,
        "peak": round(peak, 6),
        "peak_db": round(decibels(peak), 2),
        "true_peak_db": round(decibels(levels.true_peak * factor), 2),
        "lufs": round(max(found.integrated + gain, -70.0), 2) if levels.peak else -70.0,
        "gain_db": round(gain, 2),
    }, warnings


def _normalizing(levels: Levels, wanted: float, warnings: list[str]) -> float:
    """The gain in dB that brings the sound to a loudness, or as near as `CEILING` allows."""
    found = levels.loudness().integrated
    if found <= -70.0:
        warnings.append("silence has no loudness: nothing was normalized")
        return 0.0
    gain, room = wanted - found, CEILING - decibels(levels.true_peak)
    if gain > room + 0.005:
        warnings.append(
            f"{wanted:g} LUFS would exceed a true peak of {CEILING:g} dB: normalized to {found + room:.1f} LUFS; "
            "add a Limiter or Compressor for more"
        )
    return min(gain, room)


def _tell(summary: dict[str, Any]) -> None:
    level = "silence"
    if summary["peak"]:
        level = (
            f"peak {summary['peak_db']:.1f} dB, true peak {summary['true_peak_db']:.1f} dB, {summary['lufs']:.1f} LUFS"
        )
    print(
        f"{summary['file']}: {summary['seconds']:g} s, "
        f"{several(summary['channels'], 'channel')} at {summary['rate']:g} Hz, "
        f"{level}; {several(summary['nodes'], 'node')}, {summary['times_real_time']:g}x real time"
    )
    warn(summary["warnings"])


def warn(warnings: Iterable[str]) -> None:
    """Prints warnings."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
