"""Measures clicks: energy at high frequencies that the sound itself does not contain."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import firwin, lfilter

from graph import Graph
from graph.engine.engine import Engine
from graph.testing import block_of


def spark(signal: Any) -> float:
    """Peak level above 0.3 of the sample rate, in dB relative to full scale."""
    high = firwin(127, 0.6, pass_zero=False, window=("kaiser", 10.0))
    return float(20 * np.log10(np.abs(lfilter(high, 1, signal, axis=0)[127:]).max() + 1e-9))


def after_a_step(cls: Any, port: str, before: float, after: float, *, rate: float = 48_000.0, **inputs: Any) -> float:
    """The click in a low tone while `port` ramps from one value to the other in 5 ms, as the engine does."""
    frames = 4_000
    time = np.arange(frames)
    ramp = np.clip((time - 2_000) / (0.005 * rate), 0, 1)
    swell = 0.5 - 0.5 * np.cos(np.pi * np.clip(time / 1_000, 0, 1))  # a tone that starts at once is a click itself
    tone = (0.9 * swell * np.sin(2 * np.pi * 200 / rate * time)).astype(np.float32)
    inputs[port] = (before + (after - before) * ramp).astype(np.float32)
    block = block_of(cls, audio=tone, sample_rate=rate, **inputs)
    cls.process(block)
    return spark(block.out[500:].astype(np.float64))


def after_a_command(cls: Any, port: str, before: float, after: float) -> float:
    """The same for a block-rate port, with the ramp of a running engine."""
    from nodes import Sine

    engine = Engine(Graph(cls(audio=Sine(freq=200.0) * 0.9, name="it", **{port: before})))
    engine.render(24_000)
    engine.set(f"it.{port}", after)
    return spark(engine.render(8_000).astype(np.float64))
