"""Playing from the command line: the device, the recordings, the view, and what is said at the end."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from graph.errors import DeviceError, GraphrunError
from graph.live import Live
from graph.performance import Performance
from graph.progress import Progress

AGAIN = 1.0
"""Seconds between two attempts to get a lost device back."""


def play(performance: Performance, options: argparse.Namespace, progress: Progress) -> int:
    """[control] Plays until the user, the music or `--seconds` ends it; the exit status."""
    live = Live(
        performance.graph,
        device=options.device,
        rate=options.rate,
        block=options.block,
        latency=options.latency,
        connect=options.connect or None,
        midi=options.midi_port or None,
        midi_out=options.midi_out or None,
        report=progress.compiling,
    )
    progress.clear()
    ended = ""
    try:
        with live:
            if options.record:
                live.record(options.record)
            if options.record_midi:
                live.record_midi(options.record_midi)
            if options.midi:
                live.news += live.play_file(options.midi)
            performance.begin(live)
            if not options.json:
                print(opening(performance, live), file=sys.stderr)
            try:
                ended = _until_the_end(live, options)
            finally:
                performance.end()
    finally:
        _say(live, performance, options)
    if ended:
        raise DeviceError(ended)
    return 0


def _until_the_end(live: Live, options: argparse.Namespace) -> str:
    """Waits; returns why the device was lost, if it was."""
    deadline = time.monotonic() + options.seconds if options.seconds else None
    told = 0
    while not live.finished:
        left = 0.1 if deadline is None else min(0.1, deadline - time.monotonic())
        if left <= 0:
            break
        live.wait(left)
        while told < len(live.news) and not options.json:
            print(live.news[told], file=sys.stderr)
            told += 1
        if live.lost:
            lost = live.lost
            if not live.device.returns:
                return f"{lost}; start again, or use --device jack --reconnect"
            if not options.reconnect:
                return f"{lost}; --reconnect waits for it to come back"
            _reconnect(live, lost, print if not options.json else lambda *_, **__: None)
    return ""


def _reconnect(live: Live, lost: str, say: Callable[..., Any]) -> None:
    say(f"{lost}; waiting for it to come back", file=sys.stderr)
    while True:
        try:
            live.reconnect()
        except GraphrunError:
            time.sleep(AGAIN)
        else:
            say(f"back on {live.device}", file=sys.stderr)
            return


def opening(performance: Performance, live: Live) -> str:
    """What plays where, in one line."""
    device = live.device
    latency = (device.latency + device.period / live.rate) * 1e3
    return (
        f"{performance.graph.name or performance.path} plays on {device} at {live.rate:g} Hz, "
        f"{device.period} frames a callback, {latency:.1f} ms; Ctrl-C ends it"
    )


def _say(live: Live, performance: Performance, options: argparse.Namespace) -> None:
    """How it went."""
    stats = live.stats
    late = sorted(stats.lateness)
    summary = {
        "device": str(live.device),
        "patch": str(performance.path),
        "rate": live.rate,
        "block": live.engine.block,
        "period": live.device.period,
        "blocks": stats.callbacks,
        "frames": stats.frames,
        "missed": stats.missed,
        "underruns": stats.underruns,
        "load": round(stats.load, 5),
        "median_lateness_us": round(late[len(late) // 2] * 1e6, 1) if late else 0.0,
        "worst_lateness_us": round(late[-1] * 1e6, 1) if late else 0.0,
        "peak": round(max(meter.peak for meter in live.meters), 6),
        "notes": live.engine.notes(),
        "warnings": live.news,
    }
    if options.json:
        print(json.dumps(summary))
        return
    print(
        f"{stats.callbacks} callbacks of {live.device.period} frames, {stats.missed} missed, "
        f"{stats.underruns} drop-outs; load {stats.load:.2%}; peak {summary['peak']:.3f}"
    )
