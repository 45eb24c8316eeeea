from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.media import check_recording, read_recording, resampled
from nodes.dsp.convolution.partition import (
    HISTORY,
    LARGE,
    SMALL,
    STEPS,
    gather,
    join_sides,
    listen,
    part_sides,
    partitions,
    play,
)
from nodes.dsp.convolution.rooms import ROOMS, room_response
from nodes.dsp.math.fft import transform

LONGEST = 20.0
"""Longest impulse response, in seconds."""


class Convolution(Node, family="Space"):
    """Convolution with an impulse response: a real room or cabinet from `file`, or a synthesized `room`.

    Exact convolution with zero latency: the first 128 taps are computed directly, the rest in blocks of two sizes
    in the frequency domain (nodes/dsp/convolution/partition.py). A stereo file applies its left and right channels
    to left and right, a mono file applies to both, at the recorded level. A synthesized room has about unity gain
    for noise.
    """

    audio = In(voices=1, channels=2, doc="Dry signal.")
    file = Option("", doc="Audio file with the impulse response, mono or stereo, at most 20 s; empty selects `room`.")
    room = Option("hall", choices=tuple(ROOMS), unless="file", doc="Synthesized room.")
    decay = Option(
        0.0, "s", 0, LONGEST, unless="file", doc="Decay time (T60) of the room; 0 selects the room's default."
    )
    out = Out(voices=1, channels=2, doc="Wet signal only.")
    head = State(ndim=2, constant=True)
    small = State(ndim=2, constant=True)
    small_heard = State(ndim=2)
    small_table = State(ndim=2, constant=True)
    large = State(ndim=2, constant=True)
    large_heard = State(ndim=2)
    large_table = State(ndim=2, constant=True)
    line = State(shape=(2, 2 * HISTORY), doc="Input history, stored twice so that every window is contiguous.")
    small_work = State(shape=(4, 2 * SMALL))
    large_work = State(shape=(4, 2 * LARGE))
    small_total = State(shape=(4, SMALL + 1))
    large_total = State(shape=(4, LARGE + 1))
    small_out = State(shape=(2, SMALL))
    large_out = State(shape=(4, LARGE), doc="Block being played and block being computed, alternating.")
    written = State(shape=1, dtype=np.int64)

    def validate(self) -> None:
        if self.file:
            check_recording(self.file, seconds=LONGEST)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        if self.file:
            response = resampled(*read_recording(self.file, seconds=LONGEST), setup.sample_rate)
            return partitions(np.broadcast_to(response, (len(response), 2)))
        return partitions(room_response(self.room, self.decay, setup.sample_rate))

    @kernel
    def process(block):
        line, head = block.line, block.head
        written = block.written[0]
        few, many = block.small.shape[0] // 4, block.large.shape[0] // 4
        share = (many + STEPS - 3) // (STEPS - 2)
        for frame in range(block.frames):
            at = written & (HISTORY - 1)
            due = written & (SMALL - 1)
            step = (written // SMALL) & (STEPS - 1)
            age = written // LARGE
            if due == 0 and written > 0:
                newest = written // SMALL - 1
                # One transform in a loop: four inlined copies would take four times as long to compile.
                for job in range(3 if step == 0 or step == STEPS - 1 else 2):
                    large = job == 2
                    work = block.large_work if large else block.small_work
                    hears = job == 0 or (large and step == 0)
                    if hears:
                        listen(line, written, work)
                    else:
                        join_sides(block.large_total if large else block.small_total, work)
                    transform(work, block.large_table if large else block.small_table)
                    if hears:
                        row = 4 * ((age - 1) % many) if large else 4 * (newest % few)
                        part_sides(work, block.large_heard if large else block.small_heard, row)
                    else:
                        row = 2 * ((age + 1) & 1) if large else 0
                        play(work, block.large_out if large else block.small_out, row)
                    if job == 0:
                        gather(block.small_total, block.small_heard, block.small, newest, 0, few)
                if 0 < step < STEPS - 1:
                    first, last = min((step - 1) * share, many), min(step * share, many)
                    gather(block.large_total, block.large_heard, block.large, age - 1 + many, first, last)
            for side in range(2):
                x = block.audio[frame, side]
                line[side, at] = x
                line[side, at + HISTORY] = x
                total = block.small_out[side, due] + block.large_out[2 * (age & 1) + side, written & (LARGE - 1)]
                start = at + HISTORY - SMALL + 1
                for k in range(SMALL):
                    total += head[side, k] * line[side, start + k]
                block.out[frame, side] = total
            written += 1
        block.written[0] = written
