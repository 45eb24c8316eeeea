"""The computer keyboard as a piano: two octaves in the layout used by trackers."""

from __future__ import annotations

import time
from collections.abc import Callable

from graph.play.live import Live
from graph.view.key_codes import RELEASE, REPEAT, Key

LOWER, UPPER = "zsxdcvgbhnjm", "q2w3er5t6y7ui9o0p"
STEPS = {letter: step for start, row in ((0, LOWER), (12, UPPER)) for step, letter in enumerate(row, start)}
"""Semitones above the octave's C: Z is C, S is C#, Q is the next C."""

HOLD = 0.3
"""Note length in seconds if the terminal does not report releases."""
REPEATED = 0.15
"""Seconds within which a held key repeats."""
LOWEST, HIGHEST = 0, 8


class Piano:
    """[control] Plays notes from terminal keys; used by one thread, the one that reads them.

    If the terminal reports releases, a note lasts as long as its key is held. Otherwise a note ends after 0.3 s,
    or when the key stops repeating; terminals repeat only the last key pressed. For chords, `latch` makes the first
    press of a key start its note and the second press end it.

    octave     octave of the lower row's C: 4 is middle C
    velocity   0.1 .. 1
    """

    def __init__(self, live: Live, clock: Callable[[], float] = time.monotonic) -> None:
        self.live = live
        self.octave, self.velocity = 4, 0.8
        self.latch = False
        self.sounding: dict[str, int] = {}
        """The MIDI note number of each letter."""
        self._until: dict[str, float] = {}
        self._pressed: dict[str, float] = {}
        self._clock = clock

    def handle(self, key: Key, *, releases: bool) -> bool:
        """Handles a key; returns whether it belongs to the piano. `releases`: its release will be reported."""
        letter = key.name.lower()
        if letter not in STEPS:
            return False
        now = self._clock()
        before = self._pressed.get(letter, float("-inf"))
        if key.kind == RELEASE:
            if not self.latch:
                self._end(letter)
            return True
        self._pressed[letter] = now
        if key.kind == REPEAT or now - before < REPEATED:
            if letter in self._until:
                self._until[letter] = max(self._until[letter], now + REPEATED)
            return True
        if letter in self.sounding:
            self._end(letter)
            if self.latch:
                return True
        self._begin(letter)
        if not releases and not self.latch:
            self._until[letter] = now + HOLD
        return True

    def tick(self) -> None:
        """Ends notes that are due; call it many times per second."""
        now = self._clock()
        for letter in [letter for letter, until in self._until.items() if until <= now]:
            self._end(letter)

    def shift(self, octaves: int) -> None:
        """Transposes the keyboard; sounding notes continue."""
        self.octave = min(HIGHEST, max(LOWEST, self.octave + octaves))

    def louder(self, step: float) -> None:
        """Changes the velocity by `step`."""
        self.velocity = round(min(1.0, max(0.1, self.velocity + step)), 2)

    def toggle_latch(self) -> None:
        """Turns latching on, or off and ends all latched notes."""
        self.latch = not self.latch
        self.silence()

    def silence(self) -> None:
        """Ends all notes."""
        for letter in list(self.sounding):
            self._end(letter)

    def _begin(self, letter: str) -> None:
        key = 12 * (self.octave + 1) + STEPS[letter]
        if key <= 127:
            self.live.note_on(key, self.velocity)
            self.sounding[letter] = key

    def _end(self, letter: str) -> None:
        self._until.pop(letter, None)
        key = self.sounding.pop(letter, None)
        if key is not None and key not in self.sounding.values():
            self.live.note_off(key)
