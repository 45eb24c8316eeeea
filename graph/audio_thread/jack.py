"""[audio] JACK's process callback: `int(frames, argument)`. It also reads and writes MIDI."""

from __future__ import annotations

import numpy as np

from graph.audio_thread.arrivals import copy_timed
from graph.audio_thread.callbacks import finish_callback
from graph.audio_thread.host_clock import begin_clock, now_ns
from graph.memory.events import ALL_NOTES_OFF, CONTROL, EVENT, SUSTAIN, SYSEX, SYSEX_PIECE, TIMED_EVENT
from graph.memory.tables import DEVICE, ENGINE, MIDI_EVENTS, MIDI_PORT, MOMENT, REQUEST, RING_HEADER, TAIL, TRANSPORT
from graph.midi.bytes import data_of, receive, release_all, size_of, status_of
from graph.midi.table import STATUS_OF_KIND
from graph.native.functions import call_c, inline, load_acquire, store_release, view1

int32, int64, uint8, uint32, float32, float64 = np.int32, np.int64, np.uint8, np.uint32, np.float32, np.float64
CYCLE = np.dtype(
    [("frame", np.uint32), ("period", np.float32), ("now", np.int64), ("next", np.int64), ("failed", np.int64)]
)
"""Results of `jack_get_cycle_times`, in microseconds."""
LONGEST = 8192
"""Maximum JACK period in frames."""
POSITION = np.dtype(
    [
        ("unique", np.uint64),
        ("usecs", np.uint64),
        ("frame_rate", np.uint32),
        ("frame", np.uint32),
        ("valid", np.uint32),
        ("bar", np.int32),
        ("beat", np.int32),
        ("tick", np.int32),
        ("bar_start_tick", np.float64),
        ("beats_per_bar", np.float32),
        ("beat_type", np.float32),
        ("ticks_per_beat", np.float64),
        ("beats_per_minute", np.float64),
        ("frame_time", np.float64),
        ("next_time", np.float64),
        ("bbt_offset", np.uint32),
    ]
)
"""The first fields of `jack_position_t`."""
PLAYBACK = 1
"""Playback latency, for `jack_port_get_latency_range`."""
ROLLING, BBT, BBT_OFFSET = 1, 0x10, 0x40
JACK_EVENT = np.dtype([("time", np.uint32), ("pad", np.uint32), ("size", np.int64), ("data", np.int64)])


@inline(double=True)
def jack_callback(device_address):
    """Reads JACK MIDI, runs the engine into `scratch`, and copies each channel to its port."""
    device = view1(device_address, 1, DEVICE)[0]
    now = now_ns(device)
    frames = min(device.a & 0xFFFFFFFF, LONGEST)
    device.result = 0
    if device.stop != 0:  # abandoned while the server hung; another device may drive the engine now
        scratch = view1(device.scratch, frames * device.out_count, float32)
        for i in range(frames * device.out_count):
            scratch[i] = 0.0
        deliver(device, frames)
        end_midi(device, frames)
        return
    request = view1(device.request, 1, REQUEST)[0]
    request.frames = frames
    request.out = device.scratch
    engine = view1(request.engine, 1, ENGINE)[0]
    cycle = view1(device.cycle, 1, CYCLE)[0]
    at = device.cycle
    failed = call_c(device.cycle_times, device.client, at, at + 8, at + 16, at + 4) & 0xFFFFFFFF
    time = cycle.now * 1000
    if failed != 0 or device.freewheel != 0:  # then only frame counts are valid
        begin_clock(engine, now, frames, 1e9 / device.rate)
        time = now
    else:
        period = cycle.period * 1000.0 / frames
        begin_clock(engine, time, frames, period if period > 0.0 else 1e9 / device.rate)
    read_latency(device, engine)
    gather(device, request, frames)
    read_midi(device, engine, frames)
    read_transport(device, engine)
    finish_callback(device_address, now, max(0, now - time))
    deliver(device, frames)
    write_midi(device, engine, frames)


@inline(double=True)
def read_latency(device, engine):
    """Reads the output latency of this cycle: the maximum over the ports' current destinations."""
    ports = view1(device.outs, device.out_count, int64)
    least_and_most = view1(device.latency, 2, uint32)
    most = 0
    for channel in range(device.out_count):
        call_c(device.latency_range, ports[channel], PLAYBACK, device.latency, 0, 0)
        most = max(most, int64(least_and_most[1]))
    view1(engine.moment, 1, MOMENT)[0].output = most * 1e9 / device.rate


@inline(double=True)
def read_midi(device, engine, frames):
    """Reads the events of this cycle, each at its frame."""
    if device.midi_in == 0:
        return
    buffer = call_c(device.get_buffer, device.midi_in, frames, 0, 0, 0)
    count = call_c(device.event_count, buffer, 0, 0, 0, 0) & 0xFFFFFFFF
    event = view1(device.event, 1, JACK_EVENT)[0]
    port = view1(device.port, 1, MIDI_PORT)[0]
    moment = view1(engine.moment, 1, MOMENT)[0]
    if device.release != 0:
        device.release = 0
        port.time = moment.frame + device.shift
        release_all(port)
    for i in range(count):
        if call_c(device.event_get, device.event, buffer, i, 0, 0) & 0xFFFFFFFF == 0:
            port.time = moment.frame + event.time + device.shift
            port.at = event.data
            port.length = event.size
            receive(device.port)


@inline(double=True)
def read_transport(device, engine):
    """Reads JACK's transport position at the first frame of this cycle."""
    state = call_c(device.transport_query, device.client, device.position, 0, 0, 0) & 0xFFFFFFFF
    place = view1(device.position, 1, POSITION)[0]
    transport = view1(engine.transport, 1, TRANSPORT)[0]
    transport.at = view1(engine.moment, 1, MOMENT)[0].frame
    transport.frame = place.frame
    transport.rolling = 1 if state == ROLLING else 0
    transport.tempo = 0.0
    if place.valid & BBT != 0 and place.beats_per_minute > 0.0 and place.ticks_per_beat > 0.0:
        transport.tempo = place.beats_per_minute
        transport.quantum = place.beats_per_bar
        tick = place.tick / place.ticks_per_beat
        transport.beat = (place.bar - 1) * float64(place.beats_per_bar) + place.beat - 1 + tick
        if place.valid & BBT_OFFSET != 0:  # the position is that many frames earlier
            transport.beat += place.bbt_offset * place.beats_per_minute / (60.0 * device.rate)
    transport.known = 1


@inline(double=True)
def gather(device, request, frames):
    """Interleaves the port buffers."""
    count = device.in_count
    request.input = device.input if count > 0 else 0
    request.inputs, request.input_frames = count, frames
    ports = view1(device.ins, count, int64)
    heard = view1(device.input, frames * count, float32)
    for channel in range(count):
        source = view1(call_c(device.get_buffer, ports[channel], frames, 0, 0, 0), frames, float32)
        for frame in range(frames):
            heard[frame * count + channel] = source[frame]


@inline(double=True)
def deliver(device, frames):
    """Deinterleaves frames into the port buffers."""
    ports = view1(device.outs, device.out_count, int64)
    scratch = view1(device.scratch, frames * device.out_count, float32)
    for channel in range(device.out_count):
        buffer = call_c(device.get_buffer, ports[channel], frames, 0, 0, 0)
        target = view1(buffer, frames, float32)
        for frame in range(frames):
            target[frame] = scratch[frame * device.out_count + channel]


@inline(double=True)
def end_midi(device, frames):
    """Ends all notes once, then sends nothing more."""
    buffer = call_c(device.get_buffer, device.midi_out, frames, 0, 0, 0)
    call_c(device.clear_buffer, buffer, 0, 0, 0, 0)
    if device.stop == 1:
        for channel in range(16):
            for number in (SUSTAIN, ALL_NOTES_OFF):
                place = call_c(device.event_reserve, buffer, 0, 3, 0, 0)
                if place != 0:
                    message = view1(place, 3, uint8)
                    message[0] = uint8(STATUS_OF_KIND[CONTROL] | channel)
                    message[1] = uint8(number)
                    message[2] = uint8(0)
    device.stop += 1


@inline(double=True)
def write_midi(device, engine, frames):
    """Writes the events sent by the patch and by Python, each at its frame in this cycle."""
    if device.midi_out == 0:
        return
    buffer = call_c(device.get_buffer, device.midi_out, frames, 0, 0, 0)
    call_c(device.clear_buffer, buffer, 0, 0, 0, 0)
    header = view1(engine.outgoing, RING_HEADER // 8, int64)
    ring = view1(engine.outgoing + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)
    asked = view1(device.asked_waiting, MIDI_EVENTS, TIMED_EVENT)
    moment = view1(engine.moment, 1, MOMENT)[0]
    take_asked(device)
    head = load_acquire(header, 0)
    tail = header[TAIL]
    done = 0
    written = False
    while True:
        ours, theirs = frames, frames
        if tail < head:
            ours = ring[tail % MIDI_EVENTS].time + device.shift - moment.frame
        if done < device.asked_count:
            theirs = frame_in_cycle(moment, asked[done].time)
        offset = max(0, min(ours, theirs))
        if offset >= frames:
            break
        size = 1
        if ours <= theirs:
            fits = write_event(device, buffer, offset, ring[tail % MIDI_EVENTS].event)
        elif asked[done].event.kind == SYSEX:
            size = int64(asked[done].event.note_id) + 1
            fits = write_sysex(device, buffer, offset, asked, done, size)
        else:
            fits = write_event(device, buffer, offset, asked[done].event)
        if not fits and written:  # the buffer is full: a note-off may be late but is never lost
            break
        written = written or fits
        if ours <= theirs:
            tail += 1
        else:
            device.asked_lost += 0 if fits else 1
            done += size
    store_release(header, TAIL, tail)
    for i in range(device.asked_count - done if done > 0 else 0):
        copy_timed(asked[i], asked[done + i])
    device.asked_count -= done


@inline(double=True)
def take_asked(device):
    """Sorts the messages sent by Python by time."""
    header = view1(device.asked, RING_HEADER // 8, int64)
    ring = view1(device.asked + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)
    asked = view1(device.asked_waiting, MIDI_EVENTS, TIMED_EVENT)
    tail = header[TAIL]
    head = load_acquire(header, 0)
    while tail < head and device.asked_count < MIDI_EVENTS:
        source = ring[tail % MIDI_EVENTS]
        pieces = int64(source.event.note_id) + 1 if source.event.kind == SYSEX else 1
        if device.asked_count + pieces > MIDI_EVENTS:
            break
        place = device.asked_count
        while place > 0 and asked[place - 1].time > source.time:
            place -= 1
        for i in range(device.asked_count - 1, place - 1, -1):
            copy_timed(asked[i + pieces], asked[i])
        for i in range(pieces):
            copy_timed(asked[place + i], ring[(tail + i) % MIDI_EVENTS])
        device.asked_count += pieces
        tail += pieces
    store_release(header, TAIL, tail)


@inline(double=True)
def frame_in_cycle(moment, time):
    """The frame of this cycle at a host time; negative if overdue."""
    if moment.period <= 0.0:
        return 0
    return int64(np.floor((float64(time) - moment.time) / moment.period + 0.5))


@inline(double=True)
def write_event(device, buffer, offset, event):
    """Writes one message to JACK's buffer; returns whether it fit. Events without a MIDI message are skipped."""
    status = status_of(event)
    if status == 0:
        return True
    size = size_of(status)
    place = call_c(device.event_reserve, buffer, offset, size, 0, 0)
    if place == 0:
        return False
    data = data_of(event)
    message = view1(place, size, uint8)
    message[0] = uint8(status)
    if size > 1:
        message[1] = uint8(data & 127)
    if size > 2:
        message[2] = uint8((data >> 8) & 127)
    return True


@inline(double=True)
def write_sysex(device, buffer, offset, asked, first, pieces):
    """Writes a complete system exclusive message to JACK's buffer; returns whether it fit."""
    size = (pieces - 1) * SYSEX_PIECE + int64(asked[first + pieces - 1].event.channel)
    place = call_c(device.event_reserve, buffer, offset, size, 0, 0)
    if place == 0:
        return False
    message = view1(place, size, uint8)
    for i in range(size):
        source = device.asked_waiting + (first + i // SYSEX_PIECE) * TIMED_BYTES + CONTENTS_AT
        message[i] = view1(source, SYSEX_PIECE, uint8)[i % SYSEX_PIECE]
    return True


TIMED_BYTES = TIMED_EVENT.itemsize
CONTENTS_AT = int(TIMED_EVENT.fields["event"][1] + EVENT.fields["number"][1])  # type: ignore[index]
"""The address of a record's piece of system exclusive."""
