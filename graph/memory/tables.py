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
        ("late_events", I8),  # events that came after theirs
        ("generation", I8),  # how many plans have taken over
        ("incoming", I8),  # plan that is to take over at the next block, or 0
        ("retiring", I8),  # plan that fades out, or 0
        ("fade", I8),  # frames of a fade
        ("faded", I8),  # frames of it that are done
        ("block", I8),  # address of the block to be heard: the plan's output, or `mixed`
        ("mixed", I8),
        ("channels", I8),
        ("level", F8),  # what the output is multiplied with, on its way to `level_goal`
        ("level_goal", F8),
        ("host_midi", I8),  # ring of events with host times, or 0; address as the ones below
        ("direct", I8),  # ring of the events that a callback brings along
        ("later", I8),  # TIMED_EVENT records from `midi` that wait for their frame, sorted
        ("later_from", I8),
        ("later_count", I8),
        ("leaving", I8),  # events cable of the nodes that send
        ("outgoing", I8),  # ring of what they sent, with absolute frames
        ("lost", I8),  # events sent for which that ring had no room
        ("heard", I8),  # ring of what arrived, for whoever looks on
        ("tape", I8),  # address of a TAPE record while the sound is recorded, or 0
        ("by_host_time", I8),  # whether what goes into `outgoing` has host times instead of frames
        ("moment", I8),
        ("link", I8),  # LINK record that nodes see
        ("session", I8),  # LINK record that the companion process keeps, or 0
        ("transport", I8),
        ("input", I8),  # (frames, MAX_INPUTS) float32: the sound that comes in with the present block
        ("past", I8),  # the same of the latest frames that came
        ("inputs", I8),  # channels that come in, 0 while none do
        ("taps", I8),
        ("input_late", I8),  # frames by which it is late: none, or a block
    ]
)

MOMENT = np.dtype(
    [
        ("now", I8),  # frame at which the present block begins
        ("frame", I8),  # frame that the device asked for first in its latest callback
        ("time", F8),  # host time of that callback in nanoseconds, smoothed
        ("period", F8),  # nanoseconds of a frame; 0 while no device keeps time
        ("output", F8),  # nanoseconds from a callback until its first frame is heard
        ("arrival", F8),  # frames from an event's arrival until it is played
        ("due", F8),  # host time at which the next callback is expected
    ]
)
"""Where the engine is in the host's time; `graph.audio_thread.host_clock` keeps it."""

TAPS = np.dtype(
    [
        ("ring", I8),  # ring of TAPPED records to Python
        ("count", I8),  # records that this block's taps have written behind its head
        ("missed", I8),  # records of this block for which there was no room
        ("lost", I8),  # the same since the start
    ]
)
"""Events that Python listens to, on their way out; `graph.node.taps` writes them."""

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
        ("limit", F8),  # what no sample may exceed
        ("alert", I8),  # whether something exceeds it, or did lately: every step is looked at
        ("search", I8),  # whether its source is to be found
        ("delays", I8),  # indices of the steps that delay
        ("delay_count", I8),
        ("feeds_total", I8),
        ("feeds", I8),  # indices of the steps that each step hears, one after another
        ("closing", I8),  # frames in which a step is faded out
        ("rate", F8),
        ("moves", I8),  # address of MOVE records: what it takes over from the plan before it
        ("move_count", I8),
        ("heirs", I8),  # address of HEIR records: parameters that it has in common with that plan
        ("heir_count", I8),
    ]
)

MOVE = np.dtype([("source", I8), ("target", I8), ("bytes", I8)])
"""State that goes on in another plan."""

HEIR = np.dtype([("before", I8), ("index", I8), ("keeps", I8)])
"""A parameter of the plan before that goes on as parameter `index`; -1 where it has none.

`keeps`: the patch gives the same number, so what was set by hand stays."""

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
        ("outs", I8),  # address of (address, floats, whether the limit holds for it) rows
        ("out_count", I8),
        ("state", I8),
        ("initial", I8),
        ("state_bytes", I8),
        ("cycles", I8),  # of its latest counted block
        ("trips", I8),  # times it was the first to be not finite
        ("muted", I8),
        ("loop", I8),  # number of the loop that it is part of, or -1
        ("delays", I8),
        ("heard", I8),  # whether its sound reaches the output
        ("resets", I8),  # whether its states may be put back
        ("feeds_from", I8),  # its part of the plan's `feeds`
        ("feeds_count", I8),
        ("peak", F8),  # of what it gave in this block, before it was faded
        ("limit", F8),  # the plan's, or less while it is on probation
        ("phase", I8),  # OPEN, CLOSING, CLOSED or OPENING
        ("gain", F8),  # what its outputs are multiplied with
        ("offends", I8),  # whether it is the source, or only has kept what came from there
        ("wait", I8),  # frames until it may open
        ("hold", I8),  # frames for which it was closed last
        ("probation", I8),  # frames of its new life in which it is allowed less
        ("ran_away", I8),  # times it was the source
        ("marked", I8),
    ]
)
OPEN, CLOSING, CLOSED, OPENING = range(4)
"""Of a step's `phase`."""

COMMAND = np.dtype([("time", I8), ("param", I8), ("value", F8), ("generation", I8)])
"""From frame `time` (negative: now), a parameter of the plan of that generation goes to a value, by its ramp."""

METER = np.dtype([("peak", F8), ("epoch", I8)])
"""Peak of one channel since the reader's `epoch`. There are two rows a channel, used in turn."""

SUM = np.dtype([("squares", F8), ("frames", I8)])
"""Sum of squares of one channel since the start."""

LINK = np.dtype(
    [
        ("sequence", I8),  # odd while the companion writes
        ("peers", I8),
        ("playing", I8),
        ("tempo", F8),  # beats a minute; 0 while there is no session
        ("beat", F8),  # the session's beat at `time`: modulo any quantum it is that quantum's phase
        ("time", F8),  # host nanoseconds
        ("since", F8),  # host nanoseconds at which it starts, or stops, `playing`
        ("answered", I8),  # the `asked` that this timeline has taken in
        ("asked", I8),  # counts what the engine asks for: written last
        ("ask_tempo", F8),  # 0 for none
        ("ask_playing", I8),  # -1 for none
        ("ask_time", F8),  # host nanoseconds at which it holds, 0 for now
        ("ask_beat", F8),  # beat at that time, if `bring` and nobody else is in the session
        ("bring", I8),
    ]
)
"""The Link session as the companion process last saw it, and what a patch asks of it."""

TRANSPORT = np.dtype(
    [
        ("known", I8),  # whether there is a JACK server whose transport this is
        ("rolling", I8),
        ("at", I8),  # frame of the engine
        ("frame", I8),  # frame of the transport then
        ("tempo", F8),  # beats a minute, 0 where nobody tells
        ("beat", F8),  # beat then, where there is a tempo
        ("quantum", F8),  # beats in a bar
    ]
)
"""JACK's transport as of the latest callback."""

HELD = 130
"""What may be held on a channel: 128 keys and two pedals."""

MIDI_PORT = np.dtype(
    [
        ("ring", I8),
        ("time", I8),  # when they came: a host time, or a frame, as the ring has it
        ("at", I8),  # where the bytes are (`data` and `size` are words of NumPy's own)
        ("length", I8),
        ("status", I8),  # of the message under way, 0 for none
        ("count", I8),  # data bytes of it so far
        ("first", I8),
        ("held", I8),  # (16, HELD) uint8: keys and pedals that are down
        ("coarse", I8),  # (16, 32) uint8: the upper halves of 14-bit controllers, plus 1
        ("received", I8),  # events
        ("dropped", I8),  # events for which there was no room
        ("flooded", I8),  # whether an end of a note was among them
    ]
)
"""One stream of MIDI bytes on its way into a ring."""

TAPE = np.dtype([("head", I8), ("tail", I8), ("frames", I8), ("address", I8), ("lost", I8)])
"""A ring of frames of the output, `frames` long; `lost` counts those for which there was no room."""

REQUEST = np.dtype(
    [
        ("engine", I8),
        ("out", I8),
        ("frames", I8),
        ("input", I8),  # float32, interleaved: what came in at the same time; 0 for nothing
        ("inputs", I8),  # its channels
        ("input_frames", I8),  # `frames`, or more where what comes later is known already
    ]
)
"""What a callback asks of the driver."""

DEVICE = np.dtype(
    [
        ("rate", F8),
        ("tick", F8),  # nanoseconds of one tick of the clock
        ("periods", I8),  # how many to run, 0 for no end
        ("stop", I8),
        ("done", I8),  # callbacks
        ("frames", I8),  # frames that were asked for
        ("missed", I8),  # callbacks that were not done when the next was due
        ("underruns", I8),  # times the device says it had nothing to play
        ("worked", I8),  # nanoseconds of work in all
        ("worst", F8),  # the longest work as a share of its period; the reader puts it back to 0
        ("clock", I8),  # addresses of the system's functions
        ("sleep", I8),
        ("render", I8),  # address of the driver, 0 to measure the machine alone
        ("request", I8),
        ("lateness", I8),  # KEPT int64: nanoseconds after its time
        ("busy", I8),  # KEPT int64: nanoseconds of work
        ("a", I8),  # arguments of a C callback, in order
        ("b", I8),
        ("c", I8),
        ("d", I8),
        ("e", I8),
        ("f", I8),
        ("result", I8),  # what it returns
        ("client", I8),  # JACK: its client, functions and ports
        ("cycle_times", I8),
        ("get_buffer", I8),
        ("event_count", I8),
        ("event_get", I8),
        ("clear_buffer", I8),
        ("event_reserve", I8),
        ("transport_query", I8),
        ("latency_range", I8),
        ("latency", I8),  # what that writes to
        ("position", I8),  # what that writes to
        ("outs", I8),
        ("out_count", I8),
        ("ins", I8),
        ("in_count", I8),
        ("input", I8),  # where the ports of `ins` are put together
        ("midi_in", I8),
        ("midi_out", I8),
        ("port", I8),  # address of the MIDI_PORT that reads `midi_in`
        ("scratch", I8),
        ("cycle", I8),  # what `cycle_times` and `event_get` write to
        ("event", I8),
        ("asked", I8),  # ring of what Python sends, with host times
        ("asked_waiting", I8),  # MIDI_EVENTS records of it that wait for their time, sorted
        ("asked_count", I8),
        ("asked_lost", I8),  # messages that are longer than a whole buffer of JACK's
        ("shift", I8),  # frames by which MIDI is late, where JACK's period is no multiple of the block
        ("freewheel", I8),
        ("release", I8),  # JACK: whether what `midi_in` holds is to be released
    ]
)

KEPT = 1 << 16
"""Callbacks whose times are kept: 87 s of 64 frames."""

MAX_CHANNELS = 64
MAX_INPUTS = 8
"""Channels that a patch can hear."""
COMMANDS = 4096
PENDING = 4096
RESERVED = 256
"""Places among the pending commands that are kept for those without a frame."""
MIDI_EVENTS = 8192
TAP_EVENTS = 8192
RING_HEADER = 128
"""Head at byte 0, tail at byte 64: a cache line for each side."""
TAIL = 8
"""Index of a ring's tail among its header's int64."""

COUNTED_EVERY = 64
"""Cycles are counted in one block of this many."""

MUTE_AFTER = 3
"""Blocks that a node may spoil before it is muted."""


def ring_bytes(capacity: int, item: np.dtype[np.void]) -> int:
    """Memory of a ring."""
    return RING_HEADER + capacity * item.itemsize
