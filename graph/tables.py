"""The records that Python writes and the driver reads: the memory layout between the two."""

from __future__ import annotations

import numpy as np

I8, F8 = np.int64, np.float64

ENGINE = np.dtype(
    [
        ("now", I8),  # frames since the start
        ("frames", I8),  # frames in a block
        ("left", I8),  # frames of the last block that nobody has taken yet
        ("blocks", I8),
        ("plan", I8),  # addresses from here on
        ("commands", I8),
        ("midi", I8),
        ("arriving", I8),
        ("meters", I8),
        ("sums", I8),
        ("silence", I8),  # kernel that stands in for a muted node
        ("meter_epoch", I8),  # the reader adds one to have the peaks start anew
        ("bad_blocks", I8),  # blocks in which the output was not finite
        ("late_commands", I8),  # commands that came after their frame
    ]
)

PLAN = np.dtype(
    [
        ("pairs", I8),
        ("steps", I8),
        ("details", I8),
        ("params", I8),
        ("active", I8),  # indices of the parameters that move
        ("active_count", I8),
        ("pending", I8),  # commands whose frame has not come
        ("pending_count", I8),
        ("output", I8),
        ("channels", I8),
        ("inspect", I8),  # blocks for which every step is still checked
    ]
)

PARAM = np.dtype(
    [
        ("buffer", I8),
        ("lanes", I8),
        ("ramp", I8),  # frames
        ("remaining", I8),
        ("filled", I8),
        ("active", I8),
        ("readers", I8),  # addresses of the numbers of rows that its readers see
        ("reader_count", I8),
        ("value", F8),
        ("target", F8),
        ("step", F8),
    ]
)

STEP = np.dtype(
    [
        ("outs", I8),  # address of (address, floats) pairs
        ("out_count", I8),
        ("state", I8),
        ("initial", I8),
        ("state_bytes", I8),
        ("cycles", I8),  # of its latest counted block
        ("trips", I8),  # times it was the first to be not finite
        ("muted", I8),
    ]
)

COMMAND = np.dtype([("time", I8), ("param", I8), ("value", F8)])
"""From frame `time` (negative: now), a parameter goes to a value, by its ramp."""

METER = np.dtype([("peak", F8), ("epoch", I8)])
"""Peak of one channel since the reader's `epoch`. There are two rows a channel, used in turn."""

SUM = np.dtype([("squares", F8), ("frames", I8)])
"""Sum of squares of one channel since the start."""

REQUEST = np.dtype([("engine", I8), ("out", I8), ("frames", I8)])
"""What a callback asks of the driver."""

DEVICE = np.dtype(
    [
        ("rate", F8),
        ("tick", F8),  # nanoseconds of one tick of the clock
        ("periods", I8),  # how many to run
        ("stop", I8),
        ("done", I8),
        ("clock", I8),  # addresses of the system's functions
        ("sleep", I8),
        ("render", I8),  # address of the driver, 0 to measure the machine alone
        ("request", I8),
        ("lateness", I8),  # address of one int64 a period: nanoseconds after its time
        ("busy", I8),  # address of one int64 a period: nanoseconds of work
    ]
)

MAX_CHANNELS = 64
COMMANDS = 4096
PENDING = 4096
RESERVED = 256
"""Places among the pending commands that are kept for those without a frame."""
MIDI_EVENTS = 8192
RING_HEADER = 128
"""Head at byte 0, tail at byte 64: a cache line for each side."""

COUNTED_EVERY = 64
"""Cycles are counted in one block of this many."""

MUTE_AFTER = 3
"""Blocks that a node may spoil before it is muted."""


def ring_bytes(capacity: int, item: np.dtype[np.void]) -> int:
    """Memory of a ring."""
    return RING_HEADER + capacity * item.itemsize
