"""Beats of an Ableton Link session of this process's own: no patch need play."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from graph.clocks.beats import Beats
from graph.clocks.host import host_ns
from graph.clocks.link_session import SETTLE, new_link
from graph.clocks.timeline import Line, finite, positive


class LinkClock(Beats):
    """[control] A peer in the Ableton Link session: `LinkClock(120)`, then `enabled = True`.

    bpm   tempo to begin with; a session that exists keeps its own

    It joins half a second after it was made, since Link might impose its tempo if it were sooner.
    """

    def __init__(self, bpm: float) -> None:
        super().__init__()
        self._link = new_link(positive("tempo", bpm))
        self._born = host_ns()
        self._enabled = False

    def _line(self) -> Line:
        state, micros = self._link.captureSessionState(), self._link.clock().micros()
        return Line(micros * 1e3, state.beatAtTime(micros, self._quantum), state.tempo())

    @property
    def enabled(self) -> bool:
        """Whether it takes part in the session."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        self._enabled = bool(value)
        left = self._born * 1e-9 + SETTLE - host_ns() * 1e-9
        if not value or left <= 0:
            self._join()
            return
        try:
            asyncio.get_running_loop().call_later(left, self._join)
        except RuntimeError:
            time.sleep(left)
            self._join()

    def _join(self) -> None:
        self._link.enabled = self._enabled

    @property
    def start_stop_sync_enabled(self) -> bool:
        """Whether starts and stops are shared with those who share theirs."""
        return bool(self._link.startStopSyncEnabled)

    @start_stop_sync_enabled.setter
    def start_stop_sync_enabled(self, value: bool) -> None:
        self._link.startStopSyncEnabled = bool(value)

    @property
    def num_peers(self) -> int:
        """How many others share the session."""
        return int(self._link.numPeers())

    @property
    def tempo(self) -> float:
        """Beats a minute, for everybody; Link keeps it within 20 .. 999."""
        return float(self._link.captureSessionState().tempo())

    @tempo.setter
    def tempo(self, value: float) -> None:
        state = self._link.captureSessionState()
        state.setTempo(positive("tempo", value), self._link.clock().micros())
        self._commit(state)

    @property
    def playing(self) -> bool:
        """Whether the transport runs; beats go on all the time."""
        return bool(self._link.captureSessionState().isPlaying())

    @playing.setter
    def playing(self, value: bool) -> None:
        state = self._link.captureSessionState()
        state.setIsPlaying(bool(value), self._link.clock().micros())
        self._commit(state)

    def request_beat(self, beat: float) -> None:
        """Has it be `beat` now, or with peers as soon as the phase allows."""
        state = self._link.captureSessionState()
        state.requestBeatAtTime(finite(beat), self._link.clock().micros(), self._quantum)
        self._commit(state)

    def force_beat(self, beat: float) -> None:
        """Has it be `beat` now, for everybody: a jolt that a session seldom wants."""
        state = self._link.captureSessionState()
        state.forceBeatAtTime(finite(beat), self._link.clock().micros(), self._quantum)
        self._commit(state)

    def request_beat_at_start_playing_time(self, beat: float) -> None:
        """Has it be `beat` when the transport started, or with peers as soon after as the phase allows."""
        state = self._link.captureSessionState()
        state.requestBeatAtStartPlayingTime(finite(beat), self._quantum)
        self._commit(state)

    def set_is_playing_and_request_beat_at_time(self, playing: bool, time: timedelta, beat: float) -> None:
        """Starts or stops at a time (see `time`), and has it be `beat` then, or as soon as the phase allows."""
        state = self._link.captureSessionState()
        micros = time // timedelta(microseconds=1)
        state.setIsPlayingAndRequestBeatAtTime(bool(playing), micros, finite(beat), self._quantum)
        self._commit(state)

    def _commit(self, state: object) -> None:
        self._link.commitSessionState(state)
        self._changed()
