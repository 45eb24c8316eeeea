"""Envelope stages as text: `10 ms 1, 0.2 s 0.5, hold, 400 ms 0`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from graph import NodeError

ALLOWED = "stages such as '10 ms 1, 0.2 s 0.5, hold, 400 ms 0': a time, a level, and a curve if you like"
MOST = 64
STAGE = re.compile(r"(\d+\.?\d*|\.\d+)\s*(ms|s)\s+(-?(?:\d+\.?\d*|\.\d+))(?:\s+curve\s+(-?\d+\.?\d*))?")


def parse(text: str) -> tuple[Any, int]:
    """[control] Rows of (seconds, level, curve), and the number of the stage at which the gate holds."""
    rows: list[tuple[float, float, float]] = []
    hold = -1
    for part in text.split(","):
        word = part.strip()
        if word == "hold":
            if hold >= 0:
                raise NodeError(f"'hold' appears twice in '{text}'")
            hold = len(rows)
            continue
        match = STAGE.fullmatch(word)
        if match is None:
            raise NodeError(f"'{word}' is not a stage; write {ALLOWED}")
        seconds = float(match[1]) * (0.001 if match[2] == "ms" else 1.0)
        level, curve = float(match[3]), float(match[4] or 0.0)
        if seconds > 600 or abs(level) > 1e6 or abs(curve) > 20:
            raise NodeError(f"'{word}': a stage lasts at most 600 s, its level is within 1e6 and its curve within 20")
        rows.append((seconds, level, curve))
    if not rows or len(rows) > MOST:
        raise NodeError(f"an envelope has 1 to {MOST} stages; write {ALLOWED}")
    return np.array(rows, np.float64), hold if hold >= 0 else len(rows)
