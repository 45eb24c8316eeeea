"""What a knob on an input turns over."""

from __future__ import annotations

from graph.node.ports import In


def span(port: In, now: float) -> tuple[float, float]:
    """The port's range, in its unit; where it is open, one around the value `now`."""
    reach = 2.0 * abs(now) or 1.0
    low = port.min if port.min is not None else min(0.0, -reach if now < 0.0 else 0.0)
    high = port.max if port.max is not None else max(reach, low + 1.0)
    if port.curve == "log" and low < 0.0 < high:  # such as a pitch that may run backwards: a knob takes three decades
        low = high / 1000.0
    return float(low), float(high)
