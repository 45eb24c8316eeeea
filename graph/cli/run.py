"""`graphrun PATCH`: plays a patch live, or renders it to a file (`cli/render.py`)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.cli.parser import Parser, Version, decibels, hertz, joined, loudness, positive
from graph.cli.progress import Progress
from graph.errors import NoDeviceError, several

BITS = ("16", "24", "32", "float")  # as in `media/formats.py`, which would slow down --help

if TYPE_CHECKING:
    from graph.patch.presets import Setting

USAGE = """\
graphrun PATCH [--midi FILE] [--file-tempo] [--seconds S] [--from BAR] [--to BAR] [--preset NAME] [--rate HZ]
                      [--set NODE.PORT=VALUE] [--device NAME] [--latency MS] [--connect PORT]
                      [--audio-in NAME] [--midi-in NAME] [--midi-out NAME] [--thru] [--no-link] [--reconnect]
                      [--osc [HOST:]PORT] [--record FILE] [--record-midi FILE] [--learn]
                      [--plain] [--quiet | --verbose] [--json]
       graphrun PATCH --out FILE [--midi FILE] [--audio-in FILE] [--seconds S] [--rate HZ] [--block FRAMES]
                      [--bits 16|24|32|float] [--gain DB | --normalize [LUFS]] [--plot FILE]
       graphrun PATCH --save-preset NAME FILE [--preset NAME] [--set NODE.PORT=VALUE]
       graphrun analyze FILE... [--plot FILE] [--json]
       graphrun convert IN OUT [--rate HZ] [--channels N] [--bits 16|24|32|float] [--from S] [--to S]
                      [--gain DB | --normalize [LUFS]] [--json]
       graphrun check PATCH... [--nodes FILE.py] [--json]
       graphrun patches [--json]
       graphrun nodes [NAME] [--nodes FILE.py] [--json]
       graphrun show PATCH [-o FILE] [--json]
       graphrun schema [--nodes FILE.py] [--json]
       graphrun bench PATCH [--seconds S] [--json]
       graphrun devices [--json]
       graphrun doctor [--compile] [--seconds S] [--json]
       graphrun completion bash|zsh|fish|powershell [--json]
       graphrun help [COMMAND]"""


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun",
        usage=USAGE,
        description="Play a patch live, or render it to a file with --out.",
    )
    made.add_argument("patch", metavar="PATCH", help="patch file, or the name of a bundled patch")
    made.add_argument("--midi", metavar="FILE", help="play a Standard MIDI File to the patch's MIDI inputs")
    made.add_argument(
        "--file-tempo", action="store_true", help="let the MIDI file's tempo drive the patch's Transport too"
    )
    made.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        type=Path,
        help="render to a .wav, .flac, .ogg, .opus, .mp3, .aiff, .caf, .au, .w64 or .rf64 file",
    )
    made.add_argument("-t", "--seconds", metavar="S", type=positive, help="stop after S seconds")
    made.add_argument(
        "--set",
        metavar="NODE.PORT=VALUE",
        action="append",
        default=[],
        type=_setting,
        help="set an input or option, such as filter.cutoff=800Hz (repeatable)",
    )
    made.add_argument(
        "--preset", metavar="NAME", action="append", default=[], help="apply a preset of the patch (repeatable)"
    )
    made.add_argument(
        "--save-preset",
        metavar=("NAME", "FILE"),
        nargs=2,
        help="save the values of --preset and --set as preset NAME in patch FILE, without playing",
    )
    made.add_argument(
        "-r", "--rate", metavar="HZ", type=hertz, help="sample rate, 8000 to 192000 Hz; 44.1kHz also works"
    )
    made.add_argument("--block", metavar="FRAMES", type=int, help="frames per block, 1 to 8192")
    made.add_argument(
        "--nodes", metavar="FILE.py", action="append", default=[], help="Python file with additional nodes (repeatable)"
    )
    made.add_argument("--from", dest="first", metavar="BAR", default="", help="start at this bar or section")
    made.add_argument("--to", dest="last", metavar="BAR", default="", help="stop before this bar or section")
    made.add_argument(
        "--audio-in",
        metavar="NAME",
        action="append",
        default=[],
        help="input for AudioIn: with --out, an audio file; otherwise the number or part of the name of an input, "
        "or a JACK port (repeat for each channel, in order)",
    )
    file = made.add_argument_group("rendering")
    file.add_argument(
        "--bits", choices=BITS, help="sample size of --out and --record: integers with 16-bit dither, or 32-bit float"
    )
    file.add_argument("--gain", metavar="DB", type=decibels, help="change the level of --out, such as -3 dB")
    file.add_argument(
        "--normalize",
        metavar="LUFS",
        type=loudness,
        nargs="?",
        const=-14.0,
        help="bring --out to this loudness (default: -14 LUFS) with a true peak of at most -1 dB",
    )
    file.add_argument(
        "--plot", metavar="FILE", type=Path, help="draw the render's waveform, spectrogram and loudness as .png or .svg"
    )
    live = made.add_argument_group("playing")
    live.add_argument(
        "-d", "--device", metavar="NAME", help="null, jack, or a number or part of a name listed by `graphrun devices`"
    )
    live.add_argument("--latency", metavar="MS", type=_milliseconds, help="requested latency in ms (default: lowest)")
    live.add_argument(
        "--connect",
        metavar="PORT",
        action="append",
        default=[],
        help="JACK port to connect (repeat for each channel, in order)",
    )
    live.add_argument(
        "--midi-in",
        metavar="NAME",
        action="append",
        default=[],
        help="MIDI input: number, name or pattern (repeatable)",
    )
    live.add_argument(
        "--midi-out", metavar="NAME", action="append", default=[], help="MIDI output: number or name (repeatable)"
    )
    live.add_argument("--thru", action="store_true", help="pass incoming MIDI through to the MIDI outputs")
    live.add_argument(
        "--no-link", action="store_true", help="join no Ableton Link session on the network: Link nodes run alone"
    )
    live.add_argument("--reconnect", action="store_true", help="wait for a lost device to return, instead of exiting")
    live.add_argument("--plain", action="store_true", help="print lines of text instead of the terminal view")
    live.add_argument("--osc", metavar="[HOST:]PORT", help="listen for OSC messages (default HOST: this machine only)")
    live.add_argument(
        "--learn", action="store_true", help="assign MIDI controllers to inputs and save them in the patch"
    )
    live.add_argument(
        "--record", metavar="FILE", type=Path, help="record the output to a new file, in any format of --out"
    )
    live.add_argument(
        "--record-midi",
        metavar="FILE",
        type=Path,
        help="record incoming MIDI (not the notes played by nodes)",
    )
    amount = made.add_mutually_exclusive_group()
    amount.add_argument("-q", "--quiet", action="store_true", help="print only warnings and errors, and show no view")
    amount.add_argument("-v", "--verbose", action="store_true", help="end with the nodes that took the most CPU time")
    made.add_argument("--json", action="store_true", help="print a JSON report")
    made.add_argument("--version", action=Version, help="print the version and exit")
    return made


def _milliseconds(text: str) -> float:
    return positive(text.removesuffix("ms").strip()) / 1e3


def _setting(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"expected NODE.PORT=VALUE, such as filter.cutoff=800Hz, got '{text}'")
    return path.strip(), value.strip()


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun PATCH` with its arguments."""
    arguments = parser()
    options = arguments.parse_args(joined(words, SIGNED))
    from graph.media.sound_file import check_target  # after parsing: `--help` and mistakes answer at once
    from graph.perform.performance import Performance
    from graph.play.midi_recorder import check_midi_target

    live = [f"--{word}" for word in LIVE if getattr(options, word.replace("-", "_"))]
    if options.out and live:
        arguments.error(f"--out renders without playing: remove {live[0]}")
    if options.out and len(options.audio_in) > 1:
        arguments.error("--out takes a single input file: give --audio-in once")
    if options.file_tempo and not options.midi:
        arguments.error("--file-tempo needs a MIDI file: add --midi FILE")
    if options.gain is not None and options.normalize is not None:
        arguments.error("--gain and --normalize both set the level: use one")
    if live and (said := [f"--{word}" for word in RENDERED if getattr(options, word) is not None]):
        arguments.error(f"{said[0]} is for rendering: remove {live[0]}")
    if options.learn:
        from graph.perform.own_copy import own_copy

        options.patch = str(own_copy(options.patch))
    performance = Performance(
        options.patch,
        nodes_files=options.nodes,
        presets=options.preset,
        values=dict(options.set),
        first=options.first,
        last=options.last,
        midi=options.midi,
        file_tempo=options.file_tempo,
    )
    options.seconds = min((each for each in (performance.seconds, options.seconds) if each), default=None)
    if options.save_preset:
        return _save_preset(options, performance.settings)
    out: Path = options.out or Path(f"{Path(options.patch).stem}.wav")
    for target in (options.record, out if not live else None):
        if target:
            check_target(target, options.bits)
    if options.plot:
        from graph.analysis.plot import check_picture

        check_picture(options.plot)
    if options.record_midi:
        check_midi_target(options.record_midi)
    with Progress(enabled=not (options.json or options.quiet), quiet=options.quiet) as progress:
        if options.out is None:
            from graph.cli.play import play
            from graph.media.raw_file import free_name

            try:
                return play(performance, options, progress)
            except NoDeviceError as error:
                if live or options.audio_in:
                    raise
                out = free_name(out)
                performance.run_at_once()
                if not (options.json or options.quiet):
                    print(f"{error}; rendering to {out} instead", file=sys.stderr)
        from graph.cli.render import render

        return render(performance, options, out, progress)


LIVE: tuple[str, ...] = (
    "device",
    "latency",
    "connect",
    "midi-in",
    "midi-out",
    "thru",
    "no-link",
    "reconnect",
    "learn",
    "osc",
)
LIVE += ("record", "record-midi")
"""Options valid only for live playback."""
RENDERED = ("gain", "normalize", "plot")
"""Options valid only for rendering."""
SIGNED = ("--gain", "--normalize")
"""Options whose value may be negative."""


def _save_preset(options: argparse.Namespace, settings: list[Setting]) -> int:
    """`--save-preset NAME FILE`."""
    from graph.writer.preset_file import save_preset

    name, given = options.save_preset
    target = Path(given)
    target = target if target.suffix or target.exists() else target.with_suffix(".yaml")
    file, count = str(target), save_preset(options.patch, name, target, settings, options.nodes)
    if options.json:
        print(json.dumps({"file": file, "preset": name, "values": count}))
    else:
        print(f"{file}: preset '{name}' with {several(count, 'value')}")
    return 0
