"""Beats of an Ableton Link session joined by this process; no patch needs to play."""

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

    bpm   initial tempo; an existing session keeps its own

    It joins half a second after creation; joining earlier could impose its tempo on the session.
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
        """Whether it is part of the session."""
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
        """Whether starts and stops are shared with peers that share theirs."""
        return bool(self._link.startStopSyncEnabled)

    @start_stop_sync_enabled.setter
    def start_stop_sync_enabled(self, value: bool) -> None:
        self._link.startStopSyncEnabled = bool(value)

    @property
    def num_peers(self) -> int:
        """Number of other peers in the session."""
        return int(self._link.numPeers())

    @property
    def tempo(self) -> float:
        """Beats per minute, for all peers; Link limits it to 20 .. 999."""
        return float(self._link.captureSessionState().tempo())

    @tempo.setter
    def tempo(self, value: float) -> None:
        state = self._link.captureSessionState()
        state.setTempo(positive("tempo", value), self._link.clock().micros())
        self._commit(state)

    @property
    def playing(self) -> bool:
        """Whether the transport is running; beats continue while it is stopped."""
        return bool(self._link.captureSessionState().isPlaying())

    @playing.setter
    def playing(self, value: bool) -> None:
        state = self._link.captureSessionState()
        state.setIsPlaying(bool(value), self._link.clock().micros())
        self._commit(state)

    def request_beat(self, beat: float) -> None:
        """Sets the current beat to `beat`; with peers, as soon as the phase allows."""
        state = self._link.captureSessionState()
        state.requestBeatAtTime(finite(beat), self._link.clock().micros(), self._quantum)
        self._commit(state)

    def force_beat(self, beat: float) -> None:
        """Sets the current beat to `beat` for all peers immediately: a jump that sessions rarely want."""
        state = self._link.captureSessionState()
        state.forceBeatAtTime(finite(beat), self._link.clock().micros(), self._quantum)
        self._commit(state)

    def request_beat_at_start_playing_time(self, beat: float) -> None:
        """Sets the beat of the transport's start to `beat`; with peers, the next time the phase allows."""
        state = self._link.captureSessionState()
        state.requestBeatAtStartPlayingTime(finite(beat), self._quantum)
        self._commit(state)

    def set_is_playing_and_request_beat_at_time(self, playing: bool, time: timedelta, beat: float) -> None:
        """Starts or stops at `time`, with `beat` at that time; with peers, as soon as the phase allows."""
        state = self._link.captureSessionState()
        micros = time // timedelta(microseconds=1)
        state.setIsPlayingAndRequestBeatAtTime(bool(playing), micros, finite(beat), self._quantum)
        self._commit(state)

    def _commit(self, state: object) -> None:
        self._link.commitSessionState(state)
        self._changed()
