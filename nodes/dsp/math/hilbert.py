"""Pair of all-pass chains with outputs 90 degrees apart: the analytic signal, without block latency.

Each section is (a - z^-2) / (1 - a z^-2): the half-band all-pass pair of an elliptic filter, shifted by a quarter
of the sample rate. The coefficients are a ratio of theta series. Valenzuela and Constantinides, "Digital signal
processing schemes for efficient interpolation and decimation" (1983).
"""

from __future__ import annotations

from typing import Any

import numpy as np

SECTIONS = 16
"""All-pass sections in both chains: image below -107, -79 and -60 dB from 20 Hz up, at 8, 48 and 192 kHz."""


def coefficients(edge: float) -> Any:
    """[control] Coefficients of both chains, (2, SECTIONS / 2).

    The passband runs from `edge`, a fraction of the sample rate, to half the sample rate minus `edge`.
    """
    k = np.tan((1 - 2 * edge) * np.pi / 4) ** 2
    root = (1 - k * k) ** 0.25
    e = 0.5 * (1 - root) / (1 + root)
    q = e * (1 + 2 * e**4 + 15 * e**8 + 150 * e**12)
    turns = np.pi * np.arange(1, SECTIONS + 1)[:, None] / (2 * SECTIONS + 1)
    i = np.arange(60)
    over = ((-1.0) ** i * q ** (i * (i + 1)) * np.sin((2 * i + 1) * turns)).sum(axis=1) * q**0.25
    under = 0.5 + ((-1.0) ** i[1:] * q ** (i[1:] ** 2) * np.cos(2 * i[1:] * turns)).sum(axis=1)
    w = (over / under) ** 2
    x = np.sqrt((1 - w * k) * (1 - w / k)) / (1 + w)
    return ((1 - x) / (1 + x)).reshape(-1, 2).T
