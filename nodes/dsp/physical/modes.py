"""Resonant bodies: their modal frequencies and mode shapes.

Computed: bars and tines as Euler-Bernoulli beams, skins as ideal membranes, plates as simply supported.
Measured: tuned bars, bells, bowls, glasses and kettledrums from Fletcher and Rossing, "The Physics of Musical
Instruments", 2nd ed. 1998, chapters 18 to 21; the bowl from Inacio, Henrique, Antunes, "The dynamics of Tibetan singing
bowls", Acta Acustica 2006.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graph import cached_design

PLACES = 33
"""Places in a table of shapes, from the center or one end (0) to the edge or the other end (1)."""

FREE = (4.730040745, 7.853204624, 10.99560784, 14.13716549, 17.27875966, 20.42035225, 23.5619449, 26.70353756)
CLAMPED = (1.875104069, 4.694091133, 7.854757438, 10.99554073, 14.13716839, 17.27875953)

MARIMBA = (1, 3.984, 10.67, 17.98, 23.68)
XYLOPHONE = (1, 3.0, 6.16, 10.29, 14.0)
BELL = (0.5, 1, 1.183, 1.506, 2, 2.514, 2.662, 3.011, 4.166, 5.433, 6.796, 8.215)
BOWL = (1, 2.66, 4.84, 7.51, 10.64, 14.21)
GLASS = (1, 2.32, 4.25, 6.63, 9.38, 12.3)
KETTLE = (1, 1.504, 1.742, 2.0, 2.245, 2.494, 2.8, 2.979, 3.462)


def _bar(ratios: tuple[float, ...] | None, x: Any) -> tuple[Any, Any]:
    """Bar free at both ends; tuning by undercutting changes its frequencies more than its mode shapes."""
    roots = np.array(FREE)[: len(ratios) if ratios else None, None]
    part = (np.cosh(roots) - np.cos(roots)) / (np.sinh(roots) - np.sin(roots))
    at = roots * x
    shapes = np.cosh(at) + np.cos(at) - part * (np.sinh(at) + np.sin(at))
    return np.array(ratios) if ratios else (roots[:, 0] / roots[0, 0]) ** 2, shapes.T / 2


def _tine(x: Any) -> tuple[Any, Any]:
    """Bar clamped at one end: kalimba, music box, the tine of an electric piano."""
    roots = np.array(CLAMPED)[:, None]
    part = (np.cosh(roots) + np.cos(roots)) / (np.sinh(roots) + np.sin(roots))
    at = roots * x
    shapes = np.cosh(at) - np.cos(at) - part * (np.sinh(at) - np.sin(at))
    return (roots[:, 0] / roots[0, 0]) ** 2, shapes.T / 2


def _plate(x: Any) -> tuple[Any, Any]:
    """Plate with sides 1 : 1.31, so that no two modes coincide, struck along its diagonal."""
    modes = sorted((m * m + n * n / 1.31**2, m, n) for m in range(1, 7) for n in range(1, 8))[:24]
    ratios = np.array([f for f, _, _ in modes]) / modes[0][0]
    return ratios, np.array([np.sin(m * np.pi * x) * np.sin(n * np.pi * x) for _, m, n in modes]).T


def _membrane(x: Any) -> tuple[Any, Any]:
    """Round membrane, struck between center and edge."""
    from scipy.special import jn_zeros, jv

    modes = sorted((zero, m) for m in range(9) for zero in jn_zeros(m, 6))[:24]
    ratios = np.array([zero for zero, _ in modes]) / modes[0][0]
    # A strike gives every mode the same momentum, so higher modes have less displacement.
    return ratios, np.array([jv(m, z * x) / max(jv(m, np.linspace(0, z, 200))) for z, m in modes]).T / ratios


def _pairs(ratios: tuple[float, ...], apart: float) -> Callable[[Any], tuple[Any, Any]]:
    """Round bodies ring in pairs of nearly equal frequency, which beat; the motion is largest at the edge."""
    high = np.array(ratios)

    def body(x: Any) -> tuple[Any, Any]:
        both = np.concatenate([high, high * (1.0 + apart / high)])
        shapes = (0.3 + 0.7 * x[:, None]) / (1.0 + 0.15 * high)
        return both, np.concatenate([0.7 * shapes, 0.3 * shapes], axis=1)

    return body


def _kettle(x: Any) -> tuple[Any, Any]:
    """Kettledrum: the enclosed air shifts the modes to nearly 2 : 3 : 4 : 5 : 6."""
    ratios = np.array(KETTLE)
    return ratios, np.sin(0.5 * np.pi * x[:, None]) ** np.array([1, 2, 0.5, 3, 1, 4, 2, 5, 3]) / ratios**0.5


BODIES: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "bar": lambda x: _bar(None, x),
    "marimba": lambda x: _bar(MARIMBA, x),
    "xylophone": lambda x: _bar(XYLOPHONE, x),
    "tine": _tine,
    "bell": _pairs(BELL, 0.0012),
    "bowl": _pairs(BOWL, 0.006),
    "glass": _pairs(GLASS, 0.0015),
    "plate": _plate,
    "membrane": _membrane,
    "kettle": _kettle,
}


@cached_design
def body(name: str) -> tuple[Any, Any]:
    """[control] Ratios to the first mode (bells: to the prime) and shapes (places, modes), 24 modes each.

    Shapes are scaled so that a strike at the loudest place stays within -1 .. 1.
    """
    ratios, shapes = BODIES[name](np.linspace(0, 1, PLACES))
    ratios = np.pad(ratios, (0, 24 - len(ratios)))
    shapes = np.pad(shapes, ((0, 0), (0, 24 - shapes.shape[1])))
    loudest = (np.abs(shapes) / (1 + (ratios / 8) ** 2)).sum(axis=1).max()
    return ratios.astype(np.float32), (shapes / loudest).astype(np.float32)
