"""What a view prints where no screen can be shown: lines of text."""

from __future__ import annotations

import time

from graph.errors import several
from graph.play.live import Live
from graph.view.board import minutes
from graph.view.state import FLOOR, ViewState

EVERY = 10.0
"""Seconds between plain lines when nothing changes."""


class Plain:
    """Prints a line on every change, and one every ten seconds."""

    def __init__(self, live: Live, title: str) -> None:
        self.live, self.title = live, title
        self.state = ViewState(live)
        self.told = 0

    def run(self, deadline: float | None) -> None:
        """Runs until playback ends."""
        live, state, start = self.live, self.state, time.monotonic()
        state.update()
        channels = several(live.engine.channels, "channel")
        self.say(
            f"{self.title}: {live.device}, {live.rate / 1000:g} kHz, {live.engine.block} frames, "
            f"{state.latency * 1e3:.1f} ms latency, {channels}"
        )
        due, first, muted, recording = start + EVERY, start, live.muted, live.recording is not None
        dropped = 0
        try:
            while live.running and not live.lost and not live.finished:
                now = time.monotonic()
                if deadline is not None and now >= deadline:
                    break
                state.update()
                self.news()
                taped = live.recording is not None
                changes = [("muted" if live.muted else "unmuted")] if live.muted != muted else []
                changes += [("recording" if taped else "recording stopped")] if taped != recording else []
                muted, recording = live.muted, taped
                spoiled = state.dropouts > dropped and now >= first  # report the first at once, later ones together
                if changes or spoiled or now >= due:
                    due = first = now + EVERY
                    dropped = state.dropouts
                    self.say(", ".join([f"{minutes(now - start)}  {self.status()}", *changes]))
                live.wait(0.25 if deadline is None else max(0.0, min(0.25, deadline - now)))
        finally:
            state.close()
        self.news()
        state.update()
        stats = live.stats
        self.say(
            f"played {minutes(time.monotonic() - start)}: load {stats.load:.1%}, worst {state.worst_ever:.1%}, "
            f"{several(stats.underruns, 'dropout')}, {several(stats.missed, 'late callback')}, "
            f"peak {_level(state.loudest)}"
        )

    def status(self) -> str:
        """The current status as text."""
        state = self.state
        parts = [f"load {state.load:.1%} (worst {state.worst:.1%})", several(state.dropouts, "dropout")]
        parts += [several(state.late, "late callback")] if state.late else []
        parts += [several(sum(sounding for sounding, _ in state.voices.values()), "voice")] if state.voices else []
        peaks = list(state.needles.values())[: self.live.engine.channels]
        parts += [f"peak {_level(max(needle.peak for needle in peaks))}"]
        running = [clock for clock in state.clocks.values() if clock.playing]
        return ", ".join(parts + [f"{clock.tempo:.1f} bpm" for clock in running[:1]])

    def news(self) -> None:
        """Prints new messages."""
        for message in self.live.messages[self.told :]:
            self.say(message)
            self.told += 1

    def say(self, text: str) -> None:
        """Prints one line immediately."""
        print(text, flush=True)


def _level(level: float) -> str:
    return f"{level:.1f} dB" if level > FLOOR else "silence"
