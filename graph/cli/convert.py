"""`graphrun convert IN OUT`: another format, sample rate, width, sample size, part or level of an audio file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.cli.parser import Parser, decibels, hertz, joined, loudness, seconds
from graph.errors import AudioFileError, several

WIDEST = 64
BITS = ("16", "24", "32", "float")


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun convert",
        description="Convert an audio file of any length: format, sample rate, channels, sample size, part and level.",
    )
    made.add_argument("source", metavar="IN", help="audio file: wav, flac, ogg, opus, mp3, aiff, caf, au, w64 and more")
    made.add_argument(
        "target", metavar="OUT", type=Path, help="file to write; its suffix selects the format, as for graphrun --out"
    )
    made.add_argument(
        "-r", "--rate", metavar="HZ", type=hertz, help="sample rate, 1000 to 768000 Hz; 44.1kHz also works"
    )
    made.add_argument(
        "--channels", metavar="N", type=int, help="1 averages all channels; a mono file is copied to N channels"
    )
    made.add_argument("--bits", choices=BITS, help="sample size: integers with 16-bit dither, or 32-bit float")
    made.add_argument("--from", dest="first", metavar="S", type=seconds, default=0.0, help="start here, such as 1.5 s")
    made.add_argument("--to", dest="last", metavar="S", type=seconds, help="stop before this time")
    made.add_argument("--gain", metavar="DB", type=decibels, help="change the level, such as -3 dB")
    made.add_argument(
        "--normalize",
        metavar="LUFS",
        type=loudness,
        nargs="?",
        const=-14.0,
        help="bring the sound to this loudness (default: -14 LUFS) with a true peak of at most -1 dB",
    )
    made.add_argument("--json", action="store_true", help="print a JSON report")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs the command."""
    arguments = parser()
    options = arguments.parse_args(joined(words, ("--gain", "--normalize")))
    if options.gain is not None and options.normalize is not None:
        arguments.error("--gain and --normalize both set the level: use one")
    if options.rate is not None and not (options.rate == int(options.rate) and 1_000 <= options.rate <= 768_000):
        arguments.error(f"--rate must be an integer of 1000 to 768000 Hz, not {options.rate:g}")
    if options.channels is not None and not 1 <= options.channels <= WIDEST:
        arguments.error(f"--channels must be 1 to {WIDEST}, not {options.channels}")
    from graph.cli.render import warn, write_levelled
    from graph.media.sound_file import check_target
    from graph.media.sound_reader import reading

    check_target(options.target, options.bits)
    if options.target.exists() and Path(options.source).exists() and options.target.samefile(options.source):
        raise AudioFileError(f"{options.target} is the file to convert: write to another name")
    with reading(options.source) as file:
        first, last = _part(options, file)
        rate, channels = int(options.rate or file.samplerate), options.channels or file.channels
        if channels not in (1, file.channels) and file.channels != 1:
            raise AudioFileError(
                f"{options.source} has {several(file.channels, 'channel')}: --channels can be 1 or {file.channels}"
            )
        report, warnings = write_levelled(
            converted(file, options.source, first, last, rate, channels),
            options.target,
            rate,
            channels,
            bits=options.bits,
            gain=options.gain or 0.0,
            normalize=options.normalize,
        )
    summary = {"file": str(options.target), "rate": rate, "channels": channels, **report, "warnings": warnings}
    summary["seconds"] = round(report["frames"] / rate, 6)
    if options.json:
        print(json.dumps(summary))
        return 0
    level = f"true peak {report['true_peak_db']:.1f} dB, {report['lufs']:.1f} LUFS" if report["peak"] else "silence"
    print(f"{options.target}: {summary['seconds']:g} s, {several(channels, 'channel')} at {rate} Hz, {level}")
    warn(warnings)
    return 0


def _part(options: argparse.Namespace, file: Any) -> tuple[int, int]:
    """First and last frame to convert."""
    first = round(options.first * file.samplerate)
    last = file.frames if options.last is None else min(file.frames, round(options.last * file.samplerate))
    if first >= last:
        length = file.frames / file.samplerate
        raise AudioFileError(f"{options.source} has nothing from {options.first:g} s on: it is {length:g} s long")
    return first, last


def converted(file: Any, path: str, first: int, last: int, rate: int, channels: int) -> Iterator[NDArray[np.float32]]:
    """Frames `first` to `last` of an open file, in pieces, at another rate (soxr, very high quality) and width."""
    from graph.analysis.report import pieces

    stream = None
    if rate != file.samplerate:
        import soxr

        stream = soxr.ResampleStream(file.samplerate, rate, channels, dtype="float32", quality="VHQ")
    file.seek(first)
    left = last - first
    for piece in pieces(file, path):
        some = piece[:left]
        left -= len(some)
        if channels == 1 and some.shape[1] > 1:
            some = some.mean(axis=1, keepdims=True, dtype=np.float32)
        elif channels > some.shape[1]:
            some = np.repeat(some, channels, axis=1)
        if stream is not None:
            some = stream.resample_chunk(np.ascontiguousarray(some).reshape(-1, channels), last=left <= 0)
            some = some.reshape(-1, channels)
        yield some
        if left <= 0:
            return
