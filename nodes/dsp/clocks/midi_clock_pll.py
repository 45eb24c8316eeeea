"""Delay-locked loop for MIDI timing clock: turns jittered ticks into an even grid.

After F. Adriaensen, "Using a DLL to filter time" (Linux Audio Conference 2005), with gains that start as those of a
least-squares line through all ticks so far and end as those of a 0.3 Hz loop (at 120 bpm), so it locks within a few
ticks. The variance of such a loop is w^1.5 / 1.7 of the jitter per tick, so w scales with the tick length to the power
of 2/3: 1 ms of jitter changes any tempo by 0.02 %.
"""

from __future__ import annotations

import numpy as np

from graph import inline

NEXT, PERIOD, SLOPE, LAST, MEAN = 0, 1, 2, 3, 4
"""Items of `loop`: frame at which the next tick is due, frames per tick, ticks per frame until then, frame of
the latest tick, and the recent mean lateness."""
SEEN, WILD = 0, 1
"""Items of `counts`: ticks in the fit, and consecutive outliers."""
LOCKED, TICK = 0.036, 60.0 / (24 * 120)
"""w of the locked loop for a tick of TICK seconds; its gains are sqrt(2) w and w^2."""
FORGET = 8
"""Ticks kept in the fit after a detected tempo change."""


@inline(double=True)
def follow_tick(loop, counts, time, rate):
    """[audio] Processes a tick at frame `time`."""
    if counts[SEEN] == 0:
        loop[NEXT] = time + loop[PERIOD]
        loop[SLOPE] = 1.0 / loop[PERIOD]
        counts[SEEN] = 1
    elif counts[SEEN] == 1:
        restart_loop(loop, counts, time, rate)
    else:
        late = time - loop[NEXT]
        counts[WILD] = counts[WILD] + 1 if abs(late) > max(0.5 * loop[PERIOD], 0.005 * rate) else 0
        if counts[WILD] >= 2:  # one is an outlier, two are a new tempo
            restart_loop(loop, counts, time, rate)
        else:
            steer_loop(loop, counts, 0.0 if counts[WILD] > 0 else late, rate)
    loop[LAST] = time


@inline(double=True)
def restart_loop(loop, counts, time, rate):
    """[audio] Restarts the fit from the latest two ticks."""
    loop[PERIOD] = between(time - loop[LAST], rate)
    loop[NEXT] = time + loop[PERIOD]
    loop[SLOPE] = 1.0 / loop[PERIOD]
    loop[MEAN] = 0.0
    counts[SEEN] = 2
    counts[WILD] = 0


@inline(double=True)
def steer_loop(loop, counts, late, rate):
    """[audio] Corrects the loop by a tick that came `late` frames after it was due."""
    loop[MEAN] += (late - loop[MEAN]) / 8.0
    if abs(loop[MEAN]) > 0.0013 * rate and counts[SEEN] > FORGET:
        counts[SEEN] = FORGET
        loop[MEAN] = 0.0
    n = float(counts[SEEN])
    w = LOCKED * (loop[PERIOD] / (TICK * rate)) ** (2.0 / 3.0)
    swing = max(2.0 * (2.0 * n + 1.0) / ((n + 1.0) * (n + 2.0)), 1.4142135623730951 * w)
    turn = max(6.0 / ((n + 1.0) * (n + 2.0)), w * w)
    counts[SEEN] += 1
    loop[PERIOD] = between(loop[PERIOD] + turn * late, rate)
    way = max(swing * late + loop[PERIOD], 0.25 * loop[PERIOD])
    loop[NEXT] += way
    loop[SLOPE] = 1.0 / way


@inline(double=True)
def between(period, rate):
    """[audio] Frames per tick, limited to 10 .. 1000 bpm."""
    return min(max(period, rate * 60.0 / (24.0 * 1000.0)), rate * 60.0 / (24.0 * 10.0))


@inline(double=True)
def skipped_ticks(loop, time):
    """[audio] Number of ticks due before `time`, not counting the tick at `time`."""
    return max(int(np.floor((time - loop[NEXT]) / loop[PERIOD] + 0.5)), 0)
