"""Loudness: ITU-R BS.1770-5 and EBU R 128, with the loudness range of EBU Tech 3342."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

SILENT = -70.0
"""Absolute gate in LUFS; silence reads this value."""
MOMENTARY, SHORT = 4, 30
"""Window lengths in tenths of a second."""


class Loudness(NamedTuple):
    """Loudness in LUFS, each at least -70, and its range in LU.

    integrated   gated mean of the whole program
    momentary, short_term   largest values over 0.4 s and 3 s
    range        between the 10th and 95th percentile of the gated short-term loudness (EBU Tech 3342)
    """

    integrated: float
    momentary: float
    short_term: float
    range: float


def loudness_of(tenths: NDArray[np.float64]) -> Loudness:
    """Loudness from the mean K-weighted power of each tenth of a second."""
    moments, shorts = moving(tenths, MOMENTARY), moving(tenths, SHORT)
    kept = gated(moments, 10.0)
    low, high = 0.0, 0.0
    passages = gated(shorts, 20.0)
    if len(passages) > 1:
        low, high = np.quantile(lufs(passages), (0.10, 0.95))
    return Loudness(
        float(lufs(kept.mean())) if len(kept) else SILENT,
        float(lufs(moments.max())),
        float(lufs(shorts.max())),
        float(high - low),
    )


def moving(tenths: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Mean power over the last `count` tenths, one value per tenth; shorter sounds are a single moment."""
    if len(tenths) < count:
        return np.array([tenths.mean() if len(tenths) else 0.0])
    total = np.concatenate(([0.0], np.cumsum(tenths)))
    return np.asarray(np.maximum(total[count:] - total[:-count], 0.0) / count, np.float64)


def lufs(power: ArrayLike) -> NDArray[np.float64]:
    """Mean K-weighted power as LUFS; at least -70."""
    return np.maximum(10 * np.log10(np.maximum(power, 1e-12)) - 0.691, SILENT)


def gated(power: NDArray[np.float64], below: float) -> NDArray[np.float64]:
    """The moments above -70 LUFS and above the mean of those minus `below` LU."""
    heard = power[lufs(power) > SILENT]
    return heard[lufs(heard) > lufs(heard.mean()) - below] if len(heard) else heard


def k_weighting(rate: float) -> NDArray[np.float64]:
    """Two second-order sections (b0, b1, b2, a1, a2) of K-weighting: a 4 dB treble shelf for the head, and a high-pass.

    The recommendation gives coefficients for 48 kHz only. These analog filters yield them through the bilinear
    transform (Mansbridge, Finn, Reiss, "Implementation and evaluation of autonomous multi-track fader control", AES
    2012; as in libebur128).
    """
    k = np.tan(np.pi * min(1681.974450955533 / rate, 0.49))
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    scale = 1 + k / q + k * k
    head = [high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k]
    head = [each / scale for each in (*head, 2 * (k * k - 1), 1 - k / q + k * k)]

    def around(k: float) -> tuple[float, float, float]:
        q = 0.5003270373238773
        return 1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k

    first, second, third = around(np.tan(np.pi * 38.13547087602444 / rate))
    gain = around(np.tan(np.pi * 38.13547087602444 / 48_000))[0] / first  # 1 at 48 kHz, as the recommendation says
    return np.array([head, [gain, -2 * gain, gain, second / first, third / first]])
