"""`graphrun devices`: the audio devices and MIDI ports, as named on the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from graph.cli.parser import Parser
from graph.devices.choose import DeviceInfo
from graph.machine.inventory import midi_ports, outputs


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(
        prog="graphrun devices",
        description="List audio devices for --device and --audio-in, and MIDI ports for --midi-in.",
    )
    made.add_argument("--json", action="store_true", help="print the list as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun devices` with the arguments that follow it."""
    options = parser().parse_args(words)
    found, problems = outputs()
    midi_in, midi_out, more = midi_ports()
    problems += more
    if options.json:
        report = {
            "outputs": [asdict(info) for info in found if info.channels],
            "inputs": [asdict(info) for info in found if info.inputs],
            "midi_inputs": midi_in,
            "midi_outputs": midi_out,
            "problems": problems,
        }
        print(json.dumps(report))
        return 0
    print("Audio devices (--device WORD, --audio-in WORD)")
    print(table(found))
    for title, ports in (
        ("MIDI inputs (--midi-in NUMBER or NAME)", midi_in),
        ("MIDI outputs (--midi-out NAME)", midi_out),
    ):
        print(f"\n{title}")
        print("\n".join(f"  {number:<6} {name}" for number, name in enumerate(ports)) or "  none")
    if problems:
        print("\nNot available")
        print("\n".join(f"  {problem}" for problem in problems))
    return 0


def table(found: Sequence[DeviceInfo]) -> str:
    """One line per device; the star marks the default without --device."""
    star = next((info for info in found if info.word == "jack"), None)
    star = star or next((info for info in found if info.default), None)
    rows = [("", "WORD", "NAME", "SYSTEM", "OUT", "IN", "RATE")]
    for info in found:
        mark = "*" if info is star else ""
        rows.append((mark, info.word, info.name, info.host, str(info.channels), str(info.inputs), f"{info.rate:g} Hz"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
