"""Measurements for node tests: frequency response, clicks of a changed value, aliases of a sine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import signal

from graph import Node
from graph.testing import block_of

RATE = 48_000

Floats: TypeAlias = "npt.NDArray[np.float64]"
Complexes: TypeAlias = "npt.NDArray[np.complex128]"


def render(cls: type[Node], frames: int, sample_rate: float = 48_000.0, **values: Any) -> Floats:
    """The first channel of a node's output, as float64."""
    block = block_of(cls, frames=frames, sample_rate=sample_rate, **values)
    cls.kernel(block)
    out: Floats = block.out[:, 0].astype(np.float64)
    return out


def response(
    cls: type[Node], sample_rate: float = 48_000.0, frames: int = 16_384, **inputs: Any
) -> tuple[Floats, Complexes]:
    """Frequencies and complex gains, from the impulse response."""
    impulse = np.zeros(frames, np.float32)
    impulse[0] = 1
    block = block_of(cls, audio=impulse, sample_rate=sample_rate, **inputs)
    cls.kernel(block)
    freqs: Floats = np.fft.rfftfreq(frames, 1 / sample_rate).astype(np.float64)
    return freqs, np.fft.rfft(block.out[:, 0].astype(np.float64))


def gains(impulse: Floats, freq: npt.ArrayLike, sample_rate: float) -> Complexes:
    """Complex gains at any frequencies, from an impulse response of any length."""
    rows = np.concatenate([impulse, np.zeros(-len(impulse) % 1_024)]).reshape(-1, 1_024)
    turn = -2j * np.pi * np.asarray(freq) / sample_rate
    inner = np.exp(np.outer(np.arange(1_024), turn))
    parts = rows @ inner.real + 1j * (rows @ inner.imag)
    found: Complexes = (parts * np.exp(np.outer(1_024 * np.arange(len(rows)), turn))).sum(0)
    return found


def db(gain: Any) -> Any:
    return 20 * np.log10(np.abs(gain) + 1e-12)


def bilinear(b: Sequence[float], a: Sequence[float], cutoff: float, sample_rate: float, freq: Floats) -> Complexes:
    """The analog filter b(s) / a(s), s = 1j at the cutoff, after the bilinear transform, exact at the cutoff."""
    w = 2 * sample_rate * np.tan(np.pi * cutoff / sample_rate)
    b, a = ([c / w ** (2 - i) for i, c in enumerate(p)] for p in (b, a))
    found: Complexes = signal.freqz(*signal.bilinear(b, a, sample_rate), freq, fs=sample_rate)[1]
    return found


def assert_is_bilinear(
    cls: type[Node], b: Sequence[float], a: Sequence[float], cutoff: float, sample_rate: float, **inputs: Any
) -> None:
    """Asserts a match within 0.01 dB and 0.1 degree wherever the prototype is above -40 dB."""
    freq, gain = response(cls, sample_rate, cutoff=cutoff, **inputs)
    truth = bilinear(b, a, cutoff, sample_rate, freq)
    heard = db(truth) > -40
    assert np.abs(db(gain) - db(truth))[heard].max() < 0.01
    assert np.abs(np.degrees(np.angle(gain[heard] / truth[heard]))).max() < 0.1


def ramp(before: float, after: float, seconds: float, frames: int) -> npt.NDArray[np.float32]:
    """A changed value with the engine's glide."""
    way = np.interp(np.arange(frames), [frames // 4, frames // 4 + seconds * RATE], [0, 1])
    return (before + way * (after - before)).astype(np.float32)


def click_of(
    cls: type[Node],
    word: str,
    before: float,
    after: float,
    *,
    tone: float = 220.0,
    above: float = 8_000.0,
    frames: int = 24_000,
    **values: Any,
) -> float:
    """Level in dB, relative to the peak output, of the transient above `above` Hz."""
    values = {"audio": 0.5 * np.sin(2 * np.pi * tone * np.arange(frames) / RATE), **values}
    values[word] = ramp(before, after, cls.ins()[word].ramp, frames)
    block = block_of(cls, sample_rate=float(RATE), **values)
    cls.kernel(block)
    out = block.out[:, 0].astype(np.float64)
    high = np.abs(signal.sosfilt(signal.butter(8, above, "high", fs=RATE, output="sos"), out))
    start = frames // 4
    steady = max(high[start // 2 : start].max(), high[-start // 2 :].max())
    return float(20 * np.log10(max(high[start:].max() - steady, 1e-12) / np.abs(out[start // 2 :]).max()))


def alias_of(
    cls: type[Node],
    freq: float = 5_000.0,
    drive: float = 10.0,
    *,
    skip: int = 4_800,
    count: int = 9_600,
    level: float = 1.0,
    **values: Any,
) -> float:
    """Level in dB, relative to the fundamental, of the strongest non-harmonic component of a driven sine.

    The frequency is a little off, so that what is folded down falls between the harmonics.
    """
    freq = (round(freq * count / RATE) + 0.25) * RATE / count
    n = np.arange(skip + 4 * count)
    block = block_of(cls, audio=level * np.sin(2 * np.pi * freq / RATE * n), drive=drive, **values)
    cls.kernel(block)
    out = block.out[skip:, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(out * np.kaiser(len(out), 24)))
    place = freq * len(out) / RATE
    alias = spectrum.copy()
    alias[:24] = 0
    for harmonic in range(1, int(RATE / 2 / freq) + 1):
        alias[round(harmonic * place) - 24 : round(harmonic * place) + 25] = 0
    return float(20 * np.log10(alias.max() / spectrum[round(place)]))
