"""Measurements for instrument tests: pitch, partials, decay, spectrum, clicks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from graph import Node
from graph.native.functions import PLAIN
from graph.testing import block_of

Floats: TypeAlias = "npt.NDArray[np.float64]"

RATES = [8_000.0, 44_100.0, 192_000.0]


def need_compiled(frames: int) -> None:
    """Skips a test that would take minutes in plain Python; the contract compares both anyway."""
    if PLAIN and frames > 3_000:
        pytest.skip("a long sound is heard compiled")


def play(
    cls: type[Node],
    seconds: float = 1.0,
    sample_rate: float = 48_000.0,
    at: Iterable[float] = (0.0,),
    **values: Any,
) -> Floats:
    """Output (frames, lanes) of a node triggered for one frame at each time of `at`."""
    frames = round(seconds * sample_rate)
    need_compiled(frames * values.get("voices", 1))
    trigger = np.zeros(frames, np.float32)
    for time in at:
        trigger[round(time * sample_rate)] = 1
    values = {"trigger": trigger, **values}
    block = block_of(cls, frames=frames, sample_rate=sample_rate, name="under test", **values)
    cls.kernel(block)
    assert np.isfinite(block.out).all()
    out: Floats = block.out.astype(np.float64)
    return out


def spectrum(x: npt.ArrayLike, sample_rate: float, pad: int = 8) -> tuple[Floats, Floats]:
    """Frequencies and levels in dB; a Gaussian-like window, so that a parabola through a peak finds its center."""
    x = np.asarray(x, float).ravel()
    size = pad * len(x)
    window = np.exp(-0.5 * ((np.arange(len(x)) - (len(x) - 1) / 2) / (len(x) * 0.12)) ** 2)
    level = np.abs(np.fft.rfft(x * window, size)) / window.sum() * 2
    freqs: Floats = np.fft.rfftfreq(size, 1 / sample_rate).astype(np.float64)
    return freqs, 20 * np.log10(level + 1e-15)


def pitch(x: npt.ArrayLike, sample_rate: float, near: float, cents: float = 60.0) -> float:
    """Frequency of the strongest peak within `cents` of `near`."""
    freqs, level = spectrum(x, sample_rate)
    ratio = 2 ** (cents / 1200)
    inside = np.flatnonzero((freqs > near / ratio) & (freqs < near * ratio))
    k = inside[np.argmax(level[inside])]
    a, b, c = level[k - 1 : k + 2]
    return float(freqs[k] + 0.5 * (a - c) / (a - 2 * b + c) * freqs[1])


def cents(found: Any, wanted: Any) -> Any:
    return 1200 * np.log2(found / wanted)


def decay_time(x: npt.ArrayLike, sample_rate: float, low: float = -5.0, high: float = -35.0) -> float:
    """Decay time (T60) in seconds, by backward integration (Schroeder)."""
    energy = np.cumsum(np.asarray(x, float).ravel()[::-1] ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-30)
    part = (level < low) & (level > high)
    slope = np.polyfit(np.flatnonzero(part) / sample_rate, level[part], 1)[0]
    return float(-60 / slope)


def band_level(x: npt.ArrayLike, sample_rate: float, low: float, high: float) -> float:
    """Level in dB of the band between two frequencies."""
    x = np.asarray(x, float).ravel()
    power = np.abs(np.fft.rfft(x)) ** 2
    freqs = np.fft.rfftfreq(len(x), 1 / sample_rate)
    return float(10 * np.log10(power[(freqs >= low) & (freqs < high)].sum() / len(x) ** 2 + 1e-30))


def centroid(x: npt.ArrayLike, sample_rate: float) -> float:
    """Spectral centroid in Hz."""
    x = np.asarray(x, float).ravel()
    power = np.abs(np.fft.rfft(x)) ** 2
    return float((np.fft.rfftfreq(len(x), 1 / sample_rate) * power).sum() / power.sum())


def steepest(x: npt.ArrayLike) -> float:
    """Largest step between adjacent frames."""
    return float(np.abs(np.diff(np.asarray(x, float).ravel())).max())


def peak_db(x: Any) -> float:
    return float(20 * np.log10(np.abs(x).max() + 1e-9))


def hiss(x: npt.ArrayLike, sample_rate: float = 48_000.0, above: float = 9_000.0) -> Floats:
    """The part of a sound at frequencies where only clicks occur, at the same frames."""
    taps = signal.firwin(511, above, fs=sample_rate, pass_zero=False, window=("kaiser", 12.0))
    found: Floats = signal.fftconvolve(np.asarray(x, float).ravel(), taps, "same")
    return found


def let_go(cls: type[Node], seconds: float = 0.5, **values: Any) -> tuple[float, float]:
    """Levels in dB of the last tenth of a second of a note of `seconds`, and of the click when its gate closes."""
    at = round(seconds * 48_000) + 13
    gate = (np.arange(at + 14_400) < at).astype(np.float32)
    x = play(cls, len(gate) / 48_000, gate=gate, **values)[:, 0]
    return peak_db(x[at - 4_800 : at]), peak_db(hiss(x)[at - 60 : -400])


def stolen(
    cls: type[Node], before: tuple[float, float], after: tuple[float, float], seconds: float = 0.3, **values: Any
) -> list[float]:
    """Levels in dB of the click when a note, (freq, velocity), takes a ringing voice, and a silent one."""
    at = round(seconds * 48_000) + 13
    frames = np.arange(at + 7_200)
    freq, velocity = (np.where(frames < at, *pair) for pair in zip(before, after, strict=True))
    times = [at / 48_000]
    taken, own = (
        play(cls, len(frames) / 48_000, at=blows, freq=freq, velocity=velocity, **values)[:, 0]
        for blows in ([0.0, *times], times)
    )
    return [peak_db(hiss(x)[at - 60 : -400]) for x in (taken, own)]


def kept_in_step(cls: type[Node], **values: Any) -> tuple[Floats, Floats, Floats]:
    """Asserts that a strike on any frame gives the same sound as one on the first, only later."""
    early, late = (play(cls, 0.05, at=(time,), **values) for time in (0.0, 0.01))
    return early[: len(early) - 480], late[480:], late[:480]


def blow(cls: type[Node], seconds: float = 1.0, sample_rate: float = 48_000.0, **values: Any) -> Floats:
    """Output of a node blown or bowed continuously, without noise."""
    frames = round(seconds * sample_rate)
    need_compiled(frames)
    values = {"gate": 1.0, "noise": 0.0, **values}
    block = block_of(cls, frames=frames, sample_rate=sample_rate, name="under test", **values)
    cls.kernel(block)
    assert np.isfinite(block.out).all()
    out: Floats = block.out[:, 0].astype(np.float64)
    return out


def partials(x: npt.ArrayLike, sample_rate: float, freq: float, count: int = 6) -> Floats:
    """Levels in dB of the first partials."""
    freqs, levels = spectrum(x, sample_rate)
    return np.array([levels[np.argmin(np.abs(freqs - freq * n))] for n in range(1, count + 1)])


def anything(cls: type[Node], seed: int, frames: int = 6_000) -> dict[str, Any]:
    """Extreme inputs: each beyond its range, noise, or steps."""
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for name, port in cls.ins().items():
        low, high = (0.0, 1.0) if port.min is None or port.max is None else (port.min, port.max)
        steps = np.where(np.arange(frames) // rng.integers(1, 2_000) % 2, 2 * low - high, 3 * high)
        values[name] = [rng.uniform(low, high, frames), rng.uniform(low, high), steps][rng.integers(3)]
    return values
