"""[audio] Incoming and outgoing events: moves them between rings and the cables of one block."""

from __future__ import annotations

import numpy as np

from graph.memory.events import CAPACITY, EVENT, HEADER_BYTES, TIMED_EVENT, copy_event
from graph.memory.tables import MIDI_EVENTS, MOMENT, RING_HEADER, TAIL, TAPS
from graph.native.functions import inline, load_acquire, store_release, view1

int64, float64 = np.int64, np.float64


@inline(double=True)
def take_events(engine):
    """Takes the events of this block, each at its frame; late ones at the start of the block."""
    count = view1(engine.arriving, 8, int64)
    taken = take_later(engine)
    if engine.direct != 0:
        taken = take_ring(engine, engine.direct, taken, False)
    if engine.host_midi != 0:
        taken = take_ring(engine, engine.host_midi, taken, True)
    count[0] = taken
    if taken > 0:
        append(engine, engine.arriving, engine.heard, False)


@inline(double=True)
def take_later(engine):
    """Sorts sent events by frame and takes those that are due; returns their number."""
    records = view1(engine.arriving + HEADER_BYTES, CAPACITY, EVENT)
    header = view1(engine.midi, RING_HEADER // 8, int64)
    ring = view1(engine.midi + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)
    later = view1(engine.later, 2 * MIDI_EVENTS, TIMED_EVENT)
    tail = header[TAIL]
    head = load_acquire(header, 0)
    end = engine.now + engine.frames
    if engine.later_from > MIDI_EVENTS:  # move back to the start of the buffer
        for i in range(engine.later_count):
            copy_timed(later[i], later[engine.later_from + i])
        engine.later_from = 0
    while tail < head and engine.later_count < MIDI_EVENTS:
        source = ring[tail % MIDI_EVENTS]
        place = engine.later_from + engine.later_count
        while place > engine.later_from and later[place - 1].time > source.time:
            copy_timed(later[place], later[place - 1])
            place -= 1
        copy_timed(later[place], source)
        engine.later_count += 1
        tail += 1
    store_release(header, TAIL, tail)
    taken = 0
    while engine.later_count > 0 and taken < CAPACITY and later[engine.later_from].time < end:
        source = later[engine.later_from]
        copy_event(records[taken], source.event)
        records[taken].frame = max(0, source.time - engine.now)
        taken += 1
        engine.later_from += 1
        engine.later_count -= 1
    return taken


@inline(double=True)
def copy_timed(target, source):
    """Copies one record to another."""
    target.time = source.time
    copy_event(target.event, source.event)


@inline(double=True)
def take_ring(engine, address, taken, by_host_time):
    """Merges the ring's due events into the `taken` events of this block, sorted by frame."""
    records = view1(engine.arriving + HEADER_BYTES, CAPACITY, EVENT)
    header = view1(address, RING_HEADER // 8, int64)
    ring = view1(address + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)
    moment = view1(engine.moment, 1, MOMENT)[0]
    tail = header[TAIL]
    head = load_acquire(header, 0)
    end = engine.now + engine.frames
    while tail < head and taken < CAPACITY:
        source = ring[tail % MIDI_EVENTS]
        frame = frame_of(moment, source.time) if by_host_time else source.time
        if frame >= end:
            break
        if frame < engine.now:
            engine.late_events += 1
        offset = max(0, frame - engine.now)
        place = taken
        while place > 0 and records[place - 1].frame > offset:
            copy_event(records[place], records[place - 1])
            records[place].frame = records[place - 1].frame
            place -= 1
        copy_event(records[place], source.event)
        records[place].frame = offset
        taken += 1
        tail += 1
    store_release(header, TAIL, tail)
    return taken


@inline(double=True)
def frame_of(moment, time):
    """The frame at which an event that arrived at host time `time` is played."""
    if moment.period <= 0.0:
        return moment.now
    return moment.frame + int64(np.floor((float64(time) - moment.time) / moment.period + moment.arrival + 0.5))


@inline(double=True)
def output_time(moment, frame):
    """The host time in nanoseconds at which a frame is output."""
    return int64(moment.time + moment.output + (frame - moment.frame) * moment.period)


@inline(double=True)
def send_leaving(engine):
    """Passes the events sent by this block's nodes to the outgoing ring; a full ring, without a reader, drops them."""
    if view1(engine.leaving, 1, int64)[0] > 0:
        append(engine, engine.leaving, engine.outgoing, engine.by_host_time != 0)


@inline(double=True)
def show_taps(engine):
    """Shows Python what this block's taps have written."""
    taps = view1(engine.taps, 1, TAPS)[0]
    if taps.count > 0:
        header = view1(taps.ring, RING_HEADER // 8, int64)
        store_release(header, 0, header[0] + taps.count)
    taps.lost += taps.missed


@inline(double=True)
def append(engine, cable, ring_address, by_host_time):
    """Appends a cable's events to a ring, with absolute frames or the host times of their output."""
    count = view1(cable, 1, int64)[0]
    records = view1(cable + HEADER_BYTES, CAPACITY, EVENT)
    header = view1(ring_address, RING_HEADER // 8, int64)
    ring = view1(ring_address + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)
    moment = view1(engine.moment, 1, MOMENT)[0]
    head = header[0]
    fits = min(count, MIDI_EVENTS - (head - load_acquire(header, TAIL)))
    for i in range(fits):
        item = ring[(head + i) % MIDI_EVENTS]
        frame = engine.now + records[i].frame
        item.time = output_time(moment, frame) if by_host_time else frame
        copy_event(item.event, records[i])
    store_release(header, 0, head + fits)
