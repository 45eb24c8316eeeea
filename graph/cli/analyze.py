"""`graphrun analyze FILE...`: measures audio files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.cli.parser import Parser
from graph.errors import GraphrunError, several

if TYPE_CHECKING:
    from graph.analysis.report import Analysis

SHOWN = 12
"""Beats, onsets and silences listed per file; --json has all."""


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun analyze",
        description="Measure audio files: levels, loudness, tempo, key, pitch, onsets and silence.",
    )
    made.add_argument("files", metavar="FILE", nargs="+", help="audio file: wav, flac, ogg, mp3, aiff, caf and more")
    made.add_argument(
        "--plot",
        metavar="FILE",
        type=Path,
        help="draw waveform, spectrogram, loudness and pitch of a single file as .png or .svg",
    )
    made.add_argument("--json", action="store_true", help="print a list of objects, one per file")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs the command; 1 if a file cannot be read, after the others were measured."""
    arguments = parser()
    options = arguments.parse_args(words)
    if options.plot and len(options.files) > 1:
        arguments.error("--plot draws a single file: give one FILE")
    from graph.analysis.report import analyze

    if options.plot:
        from graph.analysis.plot import check_picture

        check_picture(options.plot)

    found: list[Analysis] = []
    status = 0
    for file in options.files:
        try:
            analysis = analyze(file)
        except GraphrunError as error:
            print(error, file=sys.stderr)
            status = 1
            continue
        found.append(analysis)
        if not options.json:
            print(text(analysis))
    if options.json:
        print(json.dumps([analysis._asdict() for analysis in found]))
    if options.plot and found:
        from graph.analysis.plot import draw_file

        draw_file(options.files[0], options.plot)
    return status


def text(found: Analysis) -> str:
    """The lines for one file."""
    width = {1: "mono", 2: "stereo"}.get(found.channels, several(found.channels, "channel"))
    lines = [f"{found.file}: {clock(found.seconds)}, {width}, {found.rate:g} Hz, {found.format.replace('_', ' ')}"]

    def line(name: str, value: str) -> None:
        lines.append(f"  {name:<10} {value}")

    if found.peak_db <= -180:
        line("level", "silence")
        return "\n".join(lines)
    line("peak", f"{found.peak_db:.1f} dB, true peak {found.true_peak_db:.1f} dB, RMS {found.rms_db:.1f} dB")
    line(
        "loudness",
        f"{found.lufs:.1f} LUFS, range {found.lra:.1f} LU, loudest 3 s {found.short_term:.1f}, "
        f"0.4 s {found.momentary:.1f}",
    )
    if found.clipped:
        line("clipping", f"{several(found.clipped, 'sample')} at full scale")
    if abs(found.dc) > 0.001:
        line("DC", f"{found.dc:+.4f}")
    if found.channels > 1:
        line("stereo", f"correlation {found.correlation:+.2f}")
    line("noise", f"floor {found.noise_floor_db:.1f} dB")
    if found.tempo is not None:
        line("tempo", f"{found.tempo:.1f} bpm, confidence {found.tempo_confidence:.0%}; beats {listed(found.beats)}")
    if found.key:
        line("key", found.key)
    if found.pitch is not None:
        line("pitch", f"{found.pitch:.1f} Hz")
    if found.onsets:
        line("onsets", f"{len(found.onsets)}: {listed(found.onsets)}")
    if found.silences:
        line("silence", ", ".join(f"{start:g} to {end:g} s" for start, end in found.silences[:SHOWN]))
    return "\n".join(lines)


def listed(times: Sequence[float]) -> str:
    """The first times, in seconds."""
    more = ", ..." if len(times) > SHOWN else " s"
    return ", ".join(f"{time:.2f}" for time in times[:SHOWN]) + more


def clock(seconds: float) -> str:
    """Seconds as `3.52 s` or `4:05`."""
    return f"{seconds:.2f} s" if seconds < 60 else f"{int(seconds // 60)}:{int(seconds % 60):02}"
