"""The reader's side of the output meters: peaks and power measured by the driver."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Meter:
    """Level of one output channel since it was last read: linear, full scale is 1."""

    peak: float
    rms: float


class Meters:
    """[control] Reads levels without stopping the audio thread, and loses no peak.

    The driver keeps the peak of the reader's epoch in one of two rows. A read starts a new epoch in the other
    row; a block in progress still writes to the old row, which the next read checks again. Sums of squares only
    grow, and are reported as differences. Several readers may share the meters, each under its own name: levels
    taken by one are kept for the others.

    record         the engine's record, with `meter_epoch`
    peaks, sums    METER (2, channels) and SUM (channels,)
    """

    def __init__(self, record: Any, peaks: np.ndarray[Any, Any], sums: np.ndarray[Any, Any]) -> None:
        self._record = record
        self._peaks, self._sums = peaks, sums
        self._before = peaks[1].copy()
        self._start = sums.copy()
        self._readers: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
        self._lock = threading.Lock()

    def read(self, reader: str = "") -> list[Meter]:
        """Levels since this reader's last call; 0 if nothing was computed in between."""
        with self._lock:
            news = self._take()
            for peaks, _ in self._readers.values():
                np.maximum(peaks, news, out=peaks)
            peaks, told = self._readers.get(reader, (news, self._start))
            sums = self._sums.copy()
            self._readers[reader] = np.zeros_like(news), sums
        power = (sums["squares"] - told["squares"]) / np.maximum(sums["frames"] - told["frames"], 1)
        return [Meter(float(peak), float(rms)) for peak, rms in zip(peaks, np.sqrt(power), strict=True)]

    def _take(self) -> np.ndarray[Any, Any]:
        """Peaks since the last call by any reader."""
        epoch = int(self._record["meter_epoch"])
        late = self._peaks[(epoch + 1) & 1].copy()
        self._record["meter_epoch"] = epoch + 1
        rows = self._peaks[epoch & 1].copy()
        peaks = np.where(rows["epoch"] == epoch, rows["peak"], 0.0)
        missed = (late["epoch"] == self._before["epoch"]) & (late["peak"] > self._before["peak"])
        self._before = rows
        return np.asarray(np.maximum(peaks, np.where(missed, late["peak"], 0.0)))
