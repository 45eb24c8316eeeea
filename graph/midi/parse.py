"""[control] Parses the bytes of a track, as a kernel: a file of 10 MB holds three million events.

It writes messages until the end mark, the end of the bytes or the first damage, and reports which of these it was.
Defects that can be read are recorded at the byte where they first occur. The input is not trusted: every read is
checked against `end`, and a message takes at least two bytes, so `room` for half as many messages as bytes suffices.
"""

from __future__ import annotations

import numpy as np

from graph.midi.table import DATA_BYTES
from graph.native.functions import inline, view1

int64, uint8, uint32 = np.int64, np.uint8, np.uint32

JOB = np.dtype(
    [(name, np.int64) for name in ("source", "ticks", "words", "room", "at", "end", "tick", "status", "past", "across")]
    + [(name, np.int64) for name in ("count", "why", "above", "tempo", "system", "running")]
)
"""The task and progress of the parser.

source, ticks, words   addresses: the bytes of the file; int64 ticks and uint32 words of `room` messages
at, end                byte range of the events; `at` advances to the first unread byte
tick, status           time of the last event; running status, 0 if there is none
past                   1: end marks do not stop the parser
across                 1 after a meta event or system exclusive, which cancel the running status
count                  messages written so far
why                    reason for stopping: MARK, OUT, TIME, CUT, BARE or LONG
above .. running       the first byte of each defect, or -1

A word holds the status in its highest byte and two data bytes in its lowest. A tempo is 0xFF and its microseconds; a
time signature is 0xFE, its numerator and the base-2 logarithm of its denominator.
"""

MARK, OUT, TIME, CUT, BARE, LONG = range(6)
"""End mark; no bytes left; time without an event; event cut off by the end; data without a status byte; number of more
than 4 bytes."""

SIGNATURE, TEMPO = 0xFE, 0xFF
_END_OF_TRACK, _SET_TEMPO, _TIME_SIGNATURE = 0x2F, 0x51, 0x58


@inline(double=True)
def read_messages(address):  # type: ignore[no-untyped-def]
    """Continues the JOB at this address."""
    job = view1(address, 1, JOB)[0]
    data = view1(job.source, job.end, uint8)
    ticks, words = view1(job.ticks, job.room, int64), view1(job.words, job.room, uint32)
    at, end, tick, status, across, count = job.at, job.end, job.tick, job.status, job.across, job.count
    why = OUT
    while at < end:
        begin = at
        delta, at = read_number(data, at, end)
        if delta < 0 or at >= end:
            why = TIME if delta >= 0 else (LONG if delta == -LONG else CUT)
            at = begin
            break
        first = int64(data[at])
        if first < 0xF0:
            if first >= 0x80:
                status, across = first, 0
                at += 1
            elif status == 0:
                why, at = BARE, begin
                break
            elif across != 0 and job.running < 0:
                job.running = at
            size = int64(DATA_BYTES[status])
            if at + size > end:
                why, at = CUT, begin
                break
            a = int64(data[at])
            b = int64(data[at + 1]) if size == 2 else 0
            if (a > 0x7F or b > 0x7F) and job.above < 0:
                job.above = at
            ticks[count] = tick + delta
            words[count] = status << 24 | min(a, 0x7F) << 8 | min(b, 0x7F)
            count += 1
            at += size
        elif first in (0xF0, 0xF7, 0xFF):
            kind = int64(data[at + 1]) if first == 0xFF and at + 1 < end else -1
            length, at = read_number(data, at + (2 if first == 0xFF else 1), end)
            if length < 0 or at + length > end:
                why, at = (LONG if length == -LONG else CUT), begin
                break
            across = 1
            if kind == _END_OF_TRACK:
                status = 0
                if job.past == 0:
                    tick += delta
                    at += length
                    why = MARK
                    break
            if kind == _SET_TEMPO:
                tempo = int64(data[at]) << 16 | int64(data[at + 1]) << 8 | int64(data[at + 2]) if length == 3 else 0
                if tempo > 0:
                    ticks[count] = tick + delta
                    words[count] = TEMPO << 24 | tempo
                    count += 1
                elif job.tempo < 0:
                    job.tempo = begin
            if kind == _TIME_SIGNATURE and length >= 2 and data[at] > 0 and data[at + 1] <= 6:
                ticks[count] = tick + delta
                words[count] = SIGNATURE << 24 | int64(data[at]) << 8 | int64(data[at + 1])
                count += 1
            at += length
        else:
            if job.system < 0:
                job.system = at
            at = min(end, at + 1 + int64(DATA_BYTES[first]))
        tick += delta
    job.at, job.tick, job.status, job.across, job.count, job.why = at, tick, status, across, count, why


@inline(double=True)
def read_number(data, at, end):  # type: ignore[no-untyped-def]
    """A variable-length number and its end; negative, -LONG or -CUT, if it has more than 4 bytes or no end."""
    value = 0
    for place in range(at, min(at + 4, end)):
        byte = int64(data[place])
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    return (-LONG if at + 4 <= end else -CUT), at
