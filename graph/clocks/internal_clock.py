"""Beats of a private clock, shared with no one."""

from __future__ import annotations

from dataclasses import replace

from graph.clocks.beats import Beats
from graph.clocks.host import host_ns
from graph.clocks.timeline import Line, finite, positive


class InternalClock(Beats):
    """[control] A private clock: `InternalClock(120)` starts running at beat 0. It has no dependencies."""

    def __init__(self, bpm: float) -> None:
        super().__init__()
        self._own = Line(float(host_ns()), 0.0, positive("tempo", bpm))
        self._playing = True

    def _line(self) -> Line:
        return self._own if self._playing else replace(self._own, tempo=0.0)

    def _set(self, beat: float, tempo: float) -> None:
        self._own = Line(float(host_ns()), beat, tempo)
        self._changed()

    @property
    def tempo(self) -> float:
        """Beats per minute."""
        return self._own.tempo

    @tempo.setter
    def tempo(self, value: float) -> None:
        self._set(self.beat, positive("tempo", value))

    @property
    def playing(self) -> bool:
        """Whether it is running; while it is stopped, its beat is constant."""
        return self._playing

    @playing.setter
    def playing(self, value: bool) -> None:
        beat = self.beat
        self._playing = bool(value)
        self._set(beat, self.tempo)

    def request_beat(self, beat: float) -> None:
        """Sets the current beat to `beat`."""
        self._set(finite(beat), self.tempo)

    force_beat = request_beat
