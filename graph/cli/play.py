"""Playing from the command line: device, recordings, view, and final report."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from graph.cli.cost import cpu_by_node, print_cpu
from graph.cli.progress import Progress
from graph.devices.options import PlayOptions
from graph.engine.ending import deaf
from graph.errors import DeviceError, GraphrunError, several
from graph.perform.performance import Performance
from graph.perform.set_by_hand import Store, chosen, command
from graph.play.live import Live
from graph.view.terminal import fit_for_a_view

if TYPE_CHECKING:
    from graph.osc.server import OscServer
    from graph.view.state import Actions

AGAIN = 1.0
"""Seconds between attempts to reopen a lost device."""


def play(performance: Performance, options: argparse.Namespace, progress: Progress) -> int:
    """[control] Plays until the user quits, the music ends or `--seconds` elapse; returns the exit status."""
    performance.wait_for_file()
    live = Live(performance.graph, play_options(options), report=progress.compiling)
    progress.clear()
    ended, told, again = "", 0, ""
    try:
        with live:
            _set_up(live, performance, options)
            osc = None
            performance.begin(live)
            try:
                osc = _osc(performance, live, options)
                ended = _until_the_end(performance, live, options, osc)
            finally:
                again = command(performance, live)
                told = len(live.messages)
                performance.end()
                if osc is not None:
                    osc.stop()
    finally:
        _say(live, performance, options, told, again)
    if ended:
        raise DeviceError(ended)
    return 0


def play_options(options: argparse.Namespace) -> PlayOptions:
    """The device and port settings of the command line."""
    return PlayOptions(
        device=options.device,
        rate=options.rate,
        block=options.block,
        latency=options.latency,
        connect=options.connect or None,
        audio_in=options.audio_in or None,
        midi=options.midi_in or None,
        midi_out=options.midi_out or None,
        thru=options.thru,
        link=not options.no_link,
    )


def _set_up(live: Live, performance: Performance, options: argparse.Namespace) -> None:
    """Starts everything that runs while the patch plays."""
    if options.record:
        live.record(options.record)
    if options.record_midi:
        live.record_midi(options.record_midi)
    if options.midi_in:
        live.messages += deaf(performance.graph, f"MIDI from {', '.join(options.midi_in)} is")
    if options.midi:
        live.messages += [*performance.notes, *live.play_midi(options.midi, performance.held)]


def _osc(performance: Performance, live: Live, options: argparse.Namespace) -> OscServer | None:
    """The OSC server for `--osc`."""
    if options.osc is None:
        return None
    from graph.osc.server import OscServer, parse_address

    server = OscServer(live, *parse_address(options.osc), reload=performance.reload, preset=performance.choose)
    server.start()
    live.tell(f"listening for OSC on {server.host}:{server.port}")
    return server


def _until_the_end(performance: Performance, live: Live, options: argparse.Namespace, osc: OscServer | None) -> str:
    """Shows the view until playback ends; returns the reason if the device was lost."""
    deadline = time.monotonic() + options.seconds if options.seconds else None
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if options.learn:
            _learn(performance, live, deadline, silent=options.json or options.quiet)
        elif options.json or options.quiet:
            _wait(live, left)
        else:
            from graph.view.screen import run

            run(
                live,
                title=performance.title,
                plain=options.plain,
                actions=actions(performance, live, osc),
                seconds=left,
            )
        if not live.lost:
            return ""
        lost = live.lost
        if not live.device.can_reconnect:
            return f"{lost}: start graphrun again, or use --device jack --reconnect"
        if not options.reconnect:
            return f"{lost}: use --reconnect to wait for its return"
        if not _reconnect(live, lost, _say_nothing if options.json or options.quiet else print, deadline):
            return ""


def _learn(performance: Performance, live: Live, deadline: float | None, *, silent: bool) -> None:
    """Runs `--learn`, printing messages meanwhile, until the user quits or playback ends."""
    from graph.perform.learn import Asking, learn

    told = 0

    def over() -> bool:
        return bool(live.lost) or live.finished or (deadline is not None and time.monotonic() >= deadline)

    def news() -> None:
        nonlocal told
        while told < len(live.messages) and not silent:
            print(live.messages[told], flush=True)
            told += 1

    for line in deaf(performance.graph, "a knob is"):
        live.tell(f"{line}. Save it with a line `knobs: {{node: MidiIn}}` under `nodes:`; it plays on meanwhile")
    with Asking(over, news) as ask:
        tell = partial(print, flush=True)
        learn(live, performance.path, ask, nodes_files=performance.nodes_files, tell=tell, over=over)


def _say_nothing(*_: object, **__: object) -> None:
    """`print` of a quiet run."""


def _wait(live: Live, seconds: float | None) -> None:
    deadline = None if seconds is None else time.monotonic() + seconds
    while not (live.finished or live.lost) and (deadline is None or time.monotonic() < deadline):
        live.wait(0.1 if deadline is None else max(0.0, min(0.1, deadline - time.monotonic())))


def actions(performance: Performance, live: Live, osc: OscServer | None = None) -> Actions:
    """The actions of the view's keys."""
    from graph.view.state import Actions

    def record() -> str:
        if live.recording is not None:
            return f"recorded {live.stop_recording():.1f} s"
        return f"recording {live.record(f'{performance.stem}.wav')}"

    def reload() -> str:
        performance.reload()
        return "patch reloaded"

    def choose(name: str) -> str:
        performance.choose(name)
        return name

    return Actions(
        next_preset=lambda: performance.step(1),
        previous_preset=lambda: performance.step(-1),
        reload=reload,
        record=record,
        preset=lambda: performance.preset,
        presets=lambda: list(performance.patch.presets),
        choose=choose,
        store=Store(performance, live),
        chosen=lambda: chosen(performance),
        osc=None if osc is None else lambda: osc.last,
    )


def _reconnect(live: Live, lost: str, say: Callable[..., Any], deadline: float | None) -> bool:
    """Waits for a lost device; returns whether it came back before playback should end."""
    say(f"{lost}; waiting for it to return", file=sys.stderr)
    while deadline is None or time.monotonic() < deadline:
        try:
            live.reconnect()
        except GraphrunError:
            time.sleep(AGAIN)
        else:
            say(f"playing on {live.device} again", file=sys.stderr)
            return True
    return False


def _say(live: Live, performance: Performance, options: argparse.Namespace, told: int, again: str) -> None:
    """Prints the final report, all messages from number `told` on, and the command that brings back what was set."""
    stats = live.stats
    late = sorted(stats.lateness)
    summary: dict[str, Any] = {
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
        "warnings": live.messages,
        "again": again,
    }
    shares = cpu_by_node(live.engine) if options.verbose else {}
    if shares:
        summary["cpu_by_node"] = shares
    if options.json:
        print(json.dumps(summary))
        return
    if options.quiet:
        told = 0
    for message in live.messages[told:]:
        print(message, file=sys.stderr)
    if options.quiet:
        return
    if options.learn or not (options.plain or not fit_for_a_view(sys.stdout)):  # else it was printed line by line
        print(
            f"{stats.callbacks} callbacks of {live.device.period} frames, {several(stats.underruns, 'dropout')}, "
            f"{stats.missed} late; load {stats.load:.2%}; peak {summary['peak']:.3f}"
        )
    print_cpu(shares)
    if again:
        print(f"what you set: {again}")
