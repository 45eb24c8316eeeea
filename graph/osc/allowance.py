"""How much an OSC server answers: addresses can be forged, so answers must not be worth more than the questions."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

RATE = 32_000.0
"""Bytes per second that one asker is sent in the long run: 60 meters 60 times a second, or five lists of inputs."""
BURST = 128_000.0
"""Bytes that an asker who was quiet is sent at once: a list of 2,000 inputs."""
ASKERS = 256
"""Askers remembered; the one who has been quiet longest is forgotten first."""


class Allowance:
    """A bucket of bytes per asker, which fills at `RATE`. Used only by the server's thread."""

    def __init__(self) -> None:
        self._left: OrderedDict[Any, tuple[float, float]] = OrderedDict()

    def grants(self, asker: Any, size: int, now: float) -> bool:
        """Whether `size` bytes may be sent to `asker` at the monotonic time `now`; if so, they are counted."""
        left, since = self._left.pop(asker, (BURST, now))
        left = min(BURST, left + RATE * (now - since))
        granted = size <= left
        self._left[asker] = (left - size if granted else left, now)
        if len(self._left) > ASKERS:
            self._left.popitem(last=False)
        return granted
