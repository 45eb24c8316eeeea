"""The computer's keyboard as a piano: two octaves on the rows that trackers use."""

from __future__ import annotations

import time
from collections.abc import Callable

from graph.play.live import Live
from graph.view.key_codes import RELEASE, REPEAT, Key

LOWER, UPPER = "zsxdcvgbhnjm", "q2w3er5t6y7ui9o0p"
STEPS = {letter: step for start, row in ((0, LOWER), (12, UPPER)) for step, letter in enumerate(row, start)}
"""Semitones above the octave's C: Z is C, S is C sharp, Q is the C above."""

HOLD = 0.3
"""Seconds that a note lasts where the terminal does not say when its key came up."""
REPEATED = 0.15
"""Seconds in which a key that is held comes again."""
LOWEST, HIGHEST = 0, 8


class Piano:
    """[control] Plays keys of a terminal; for one thread, the one that reads them.

    Where the terminal tells releases, a note lasts as long as its key is down. Elsewhere a note ends
    after 0.3 s, or as long as the key repeats, which it does for the last one pressed alone; for
    chords there is `latch`, with which a key begins its note and the same key ends it.

    octave     of the lower row's C: 4 is middle C
    velocity   0.1 .. 1
    """

    def __init__(self, live: Live, clock: Callable[[], float] = time.monotonic) -> None:
        self.live = live
        self.octave, self.velocity = 4, 0.8
        self.latch = False
        self.sounding: dict[str, int] = {}
        """The MIDI key that each letter plays."""
        self._until: dict[str, float] = {}
        self._pressed: dict[str, float] = {}
        self._clock = clock

    def handle(self, key: Key, *, releases: bool) -> bool:
        """Plays a key; whether it is one of the piano's. `releases`: its release will be told."""
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
        """Ends what is over; call it many times a second."""
        now = self._clock()
        for letter in [letter for letter, until in self._until.items() if until <= now]:
            self._end(letter)

    def shift(self, octaves: int) -> None:
        """Moves the rows; notes that sound go on."""
        self.octave = min(HIGHEST, max(LOWEST, self.octave + octaves))

    def louder(self, step: float) -> None:
        """Changes the velocity."""
        self.velocity = round(min(1.0, max(0.1, self.velocity + step)), 2)

    def toggle_latch(self) -> None:
        """Latches keys, or ends all that is latched."""
        self.latch = not self.latch
        self.silence()

    def silence(self) -> None:
        """Ends every note."""
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
