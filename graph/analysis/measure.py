"""The compiled loop that measures levels: it hears each sample once, so a render is measured while it is written."""

from __future__ import annotations

import numpy as np

from graph.native.functions import dot8, inline, view1, view2

TAPS = 24
"""Taps per phase of the true-peak filter, twice as many as ITU-R BS.1770-5 Annex 2 uses: flat within 0.1 dB to 0.45 of
the sample rate."""
PHASES = 3
"""Points between two samples: oversampling by four."""
GAIN = 2.5
"""More than the sum of the magnitudes of a phase's taps: the most that a point exceeds the samples around it by."""
CLIPPED = 0.9999
"""Amplitude that counts as full scale: the largest value of 16 bits is 0.99997."""
RUN = 3
"""Consecutive samples at full scale that count as clipping; a single one may be a legitimate peak."""

CHANNEL = np.dtype(
    [
        ("filter", np.float64, 4),
        ("total", np.float64),
        ("square", np.float64),
        ("product", np.float64),
        ("peak", np.float64),
        ("true_peak", np.float64),
        ("clipped", np.int64),
        ("run", np.int64),
    ]
)
"""What is accumulated per channel; `product` is that with the next channel."""

JOB = np.dtype(
    [
        ("audio", np.int64),
        ("frames", np.int64),
        ("channels", np.int64),
        ("taps", np.int64),
        ("weighting", np.int64),
        ("state", np.int64),
        ("power", np.int64),
        ("windows", np.int64),
        ("start", np.int64),
        ("length", np.int64),
    ]
)
"""One call. audio: float32 (channels, TAPS + frames), the first TAPS from the call before. power: float64 (windows, 2),
plain and weighted, to which is added; the first frame is number `start` of a window of `length` frames."""


@inline(double=True)
def measure(address):
    """Adds `frames` frames of all channels to the state and to the power of the windows."""
    job = view1(address, 1, JOB)[0]
    frames, channels, length = job.frames, job.channels, job.length
    audio = view2(job.audio, channels, TAPS + frames, np.float32)
    flat = view1(job.audio, channels * (TAPS + frames), np.float32)
    taps = view1(job.taps, PHASES * TAPS, np.float32)
    weighting = view2(job.weighting, 2, 5, np.float64)
    states = view1(job.state, channels, CHANNEL)
    power = view2(job.power, job.windows, 2, np.float64)
    for channel in range(channels):
        state = states[channel]
        a, b, c, d = state.filter[0], state.filter[1], state.filter[2], state.filter[3]
        window, at = 0, job.start
        plain, weighted = 0.0, 0.0
        peak, total, square = state.peak, state.total, state.square
        for frame in range(frames):
            x = np.float64(audio[channel, TAPS + frame])
            # K-weighting: two second-order sections, transposed direct form II.
            y = weighting[0, 0] * x + a
            a = weighting[0, 1] * x - weighting[0, 3] * y + b
            b = weighting[0, 2] * x - weighting[0, 4] * y
            z = weighting[1, 0] * y + c
            c = weighting[1, 1] * y - weighting[1, 3] * z + d
            d = weighting[1, 2] * y - weighting[1, 4] * z
            total += x
            plain += x * x
            weighted += z * z
            size = abs(x)
            peak = max(peak, size)
            if size >= CLIPPED:
                state.run += 1
                if state.run == RUN:
                    state.clipped += RUN
                elif state.run > RUN:
                    state.clipped += 1
            else:
                state.run = 0
            at += 1
            if at == length or frame == frames - 1:
                power[window, 0] += plain
                power[window, 1] += weighted
                square += plain
                plain, weighted = 0.0, 0.0
                window, at = window + 1, 0
        state.filter[0], state.filter[1], state.filter[2], state.filter[3] = a, b, c, d
        state.peak, state.total, state.square = peak, total, square
        state.true_peak = max(state.true_peak, peak)
        row = channel * (TAPS + frames)
        for first in range(0, frames, TAPS):
            count = min(TAPS, frames - first)
            near = 0.0
            for i in range(TAPS + count):
                near = max(near, np.float64(abs(flat[row + first + i])))
            if near * GAIN <= state.true_peak:
                continue
            for frame in range(first, first + count):
                for phase in range(PHASES):
                    found = np.float32(0.0)
                    for part in range(TAPS // 8):
                        found += dot8(
                            taps, taps, phase * TAPS + 8 * part, np.float32(0.0), flat, row + frame + 1 + 8 * part
                        )
                    state.true_peak = max(state.true_peak, np.float64(abs(found)))
    for channel in range(channels - 1):
        shared = 0.0
        for frame in range(frames):
            shared += np.float64(audio[channel, TAPS + frame]) * np.float64(audio[channel + 1, TAPS + frame])
        states[channel].product += shared


def true_peak_taps() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Kaiser-windowed sinc for the three points between two samples: PHASES * TAPS weights."""
    at = np.arange(TAPS) - (TAPS / 2 - 1)
    rows = []
    for phase in range(1, PHASES + 1):
        offset = at - phase / (PHASES + 1)
        window = np.i0(5.0 * np.sqrt(np.maximum(0, 1 - (offset / (TAPS / 2)) ** 2))) / np.i0(5.0)
        weights = np.sinc(offset) * window
        rows.append(weights / weights.sum())
    return np.concatenate(rows).astype(np.float32)
