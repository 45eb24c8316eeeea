"""The records shared by Python and the driver: the memory layout between the two."""

from __future__ import annotations

import numpy as np

I8, F8 = np.int64, np.float64

ENGINE = np.dtype(
    [
        ("now", I8),  # frames since the start
        ("frames", I8),  # frames per block
        ("left", I8),  # frames of the last block not yet taken
        ("blocks", I8),
        ("plan", I8),  # addresses from here on
        ("commands", I8),
        ("midi", I8),
        ("arriving", I8),
        ("meters", I8),
        ("sums", I8),
        ("silence", I8),  # kernel that replaces a muted node
        ("meter_epoch", I8),  # the reader increments it to restart the peaks
        ("bad_blocks", I8),  # blocks with non-finite output
        ("late_commands", I8),  # commands that arrived after their frame
        ("late_events", I8),  # events that arrived after their frame
        ("generation", I8),  # number of plan swaps
        ("incoming", I8),  # plan to swap in at the next block, or 0
        ("retiring", I8),  # plan fading out, or 0
        ("fade", I8),  # crossfade length in frames
        ("faded", I8),  # crossfade frames done
        ("block", I8),  # address of the block to output: the plan's, or `mixed`
        ("mixed", I8),
        ("channels", I8),
        ("level", F8),  # output gain, on its way to `level_goal`
        ("level_goal", F8),
        ("host_midi", I8),  # address of the ring of events with host times, or 0
        ("direct", I8),  # ring of the events delivered by the callback
        ("later", I8),  # TIMED_EVENT records from `midi` waiting for their frame, sorted
        ("later_from", I8),
        ("later_count", I8),
        ("leaving", I8),  # events cable of the sending nodes
        ("outgoing", I8),  # ring of outgoing events, with absolute frames
        ("heard", I8),  # ring of incoming events, for observers
        ("tape", I8),  # address of a TAPE record while recording, or 0
        ("by_host_time", I8),  # whether events in `outgoing` have host times instead of frames
        ("moment", I8),
        ("link", I8),  # LINK record read by nodes
        ("session", I8),  # LINK record updated by the companion process, or 0
        ("transport", I8),
        ("input", I8),  # (frames, MAX_INPUTS) float32: audio input of the current block
        ("past", I8),  # the most recent input
        ("inputs", I8),  # input channels, 0 for none
        ("taps", I8),
        ("input_late", I8),  # input delay in frames: 0, or one block
    ]
)

MOMENT = np.dtype(
    [
        ("now", I8),  # first frame of the current block
        ("frame", I8),  # first frame requested by the latest callback
        ("time", F8),  # smoothed host time of that callback in nanoseconds
        ("period", F8),  # nanoseconds per frame; 0 without a device clock
        ("output", F8),  # output latency: nanoseconds from a callback until its first frame sounds
        ("arrival", F8),  # event latency in frames, from arrival to playback
        ("due", F8),  # expected host time of the next callback
    ]
)
"""The relation of the engine's frames to host time; updated by `graph.audio_thread.host_clock`."""

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
        ("active", I8),  # indices of the ramping parameters
        ("active_count", I8),
        ("pending", I8),  # commands waiting for their frame
        ("pending_count", I8),
        ("output", I8),
        ("channels", I8),
        ("inspect", I8),  # remaining blocks in which every step is checked
        ("limit", F8),  # maximum absolute sample value
        ("alert", I8),  # whether the limit is or was recently exceeded: every step is checked
        ("search", I8),  # whether to search for the source
        ("delays", I8),  # indices of the delaying steps
        ("delay_count", I8),
        ("feeds_total", I8),
        ("feeds", I8),  # indices of the steps that feed each step, concatenated
        ("closing", I8),  # fade-out length of a step in frames
        ("rate", F8),
        ("moves", I8),  # address of MOVE records: states inherited from the previous plan
        ("move_count", I8),
        ("heirs", I8),  # address of HEIR records: parameters shared with that plan
        ("heir_count", I8),
    ]
)

MOVE = np.dtype([("source", I8), ("target", I8), ("bytes", I8)])
"""A state that is carried over to another plan."""

HEIR = np.dtype([("before", I8), ("index", I8), ("keeps", I8)])
"""A parameter of the previous plan that continues as parameter `index`; -1 if it has none.

`keeps`: the patch gives the same value, so a value set by hand is kept."""

PARAM = np.dtype(
    [
        ("buffer", I8),
        ("lanes", I8),
        ("ramp", I8),  # ramp length in frames
        ("remaining", I8),
        ("filled", I8),
        ("active", I8),
        ("readers", I8),  # addresses of the row counts seen by its readers
        ("reader_count", I8),
        ("value", F8),
        ("target", F8),
        ("step", F8),
    ]
)

STEP = np.dtype(
    [
        ("outs", I8),  # address of (address, floats, whether the limit applies) rows
        ("out_count", I8),
        ("state", I8),
        ("initial", I8),
        ("state_bytes", I8),
        ("cycles", I8),  # CPU cycles of its latest measured block
        ("trips", I8),  # times it was the first non-finite step
        ("muted", I8),
        ("loop", I8),  # number of its feedback loop, or -1
        ("delays", I8),
        ("heard", I8),  # whether its signal reaches the output
        ("resets", I8),  # whether its states may be reset
        ("feeds_from", I8),  # start of its entries in the plan's `feeds`
        ("feeds_count", I8),
        ("peak", F8),  # peak of its output in this block, before fading
        ("limit", F8),  # the plan's limit, or less while on probation
        ("phase", I8),  # OPEN, CLOSING, CLOSED or OPENING
        ("gain", F8),  # gain of its outputs
        ("offends", I8),  # whether it is the source, rather than holding the source's signal
        ("wait", I8),  # frames until it may open
        ("hold", I8),  # frames of its last closed period
        ("probation", I8),  # remaining frames with a reduced limit after reopening
        ("ran_away", I8),  # times it was the source
        ("marked", I8),
    ]
)
OPEN, CLOSING, CLOSED, OPENING = range(4)
"""Values of a step's `phase`."""

COMMAND = np.dtype([("time", I8), ("param", I8), ("value", F8), ("generation", I8)])
"""From frame `time` (negative: now), moves a parameter of the plan of that generation to a value, using its ramp."""

METER = np.dtype([("peak", F8), ("epoch", I8)])
"""Peak of one channel since the reader's `epoch`. Each channel has two rows, used alternately."""

SUM = np.dtype([("squares", F8), ("frames", I8)])
"""Sum of squares of one channel since the start."""

LINK = np.dtype(
    [
        ("sequence", I8),  # odd while the companion writes
        ("peers", I8),
        ("playing", I8),
        ("tempo", F8),  # beats per minute; 0 without a session
        ("beat", F8),  # the session's beat at `time`; modulo a quantum, it gives that quantum's phase
        ("time", F8),  # host nanoseconds
        ("since", F8),  # host nanoseconds at which `playing` takes effect
        ("answered", I8),  # the `asked` count included in this timeline
        ("asked", I8),  # count of the engine's requests: written last
        ("ask_tempo", F8),  # 0 for none
        ("ask_playing", I8),  # -1 for none
        ("ask_time", F8),  # host nanoseconds at which the request applies, 0 for now
        ("ask_beat", F8),  # beat at that time, if `bring` and there are no other peers
        ("bring", I8),
    ]
)
"""The Link session as last seen by the companion process, and the patch's requests to it."""

TRANSPORT = np.dtype(
    [
        ("known", I8),  # whether a JACK server provides the transport
        ("rolling", I8),
        ("at", I8),  # the engine's frame
        ("frame", I8),  # the transport's frame at that time
        ("tempo", F8),  # beats per minute, 0 if unknown
        ("beat", F8),  # beat at that time, if there is a tempo
        ("quantum", F8),  # beats per bar
    ]
)
"""JACK's transport as of the latest callback."""

HELD = 130
"""Held state per channel: 128 keys and two pedals."""

MIDI_PORT = np.dtype(
    [
        ("ring", I8),
        ("time", I8),  # arrival time: host time or frame, according to the ring
        ("at", I8),  # address of the bytes (NumPy reserves `data` and `size`)
        ("length", I8),
        ("status", I8),  # status byte of the current message, 0 for none
        ("count", I8),  # data bytes received so far
        ("first", I8),
        ("held", I8),  # (16, HELD) uint8: keys and pedals held down
        ("coarse", I8),  # (16, 32) uint8: MSBs of 14-bit controllers, plus 1
        ("received", I8),  # events received
        ("dropped", I8),  # events dropped because the ring was full
        ("flooded", I8),  # whether a note-off was among them
    ]
)
"""A stream of MIDI bytes being parsed into a ring."""

TAPE = np.dtype([("head", I8), ("tail", I8), ("frames", I8), ("address", I8), ("lost", I8)])
"""A ring of output frames, `frames` long; `lost` counts the frames dropped because it was full."""

REQUEST = np.dtype(
    [
        ("engine", I8),
        ("out", I8),
        ("frames", I8),
        ("input", I8),  # float32, interleaved: simultaneous input; 0 for none
        ("inputs", I8),  # input channels
        ("input_frames", I8),  # `frames`, or more if later input is already available
    ]
)
"""A callback's request to the driver."""

DEVICE = np.dtype(
    [
        ("rate", F8),
        ("tick", F8),  # nanoseconds per clock tick
        ("periods", I8),  # number to run, 0 for no limit
        ("stop", I8),
        ("done", I8),  # callbacks completed
        ("frames", I8),  # frames requested
        ("missed", I8),  # callbacks that ran past the start of the next period
        ("underruns", I8),  # underruns reported by the device
        ("worked", I8),  # total processing time in nanoseconds
        ("worst", F8),  # maximum load as a fraction of the period; the reader resets it to 0
        ("clock", I8),  # addresses of the system's functions
        ("sleep", I8),
        ("render", I8),  # address of the driver, 0 to measure only the machine
        ("request", I8),
        ("lateness", I8),  # KEPT int64: wake-up lateness in nanoseconds
        ("busy", I8),  # KEPT int64: processing time in nanoseconds
        ("a", I8),  # arguments of a C callback, in order
        ("b", I8),
        ("c", I8),
        ("d", I8),
        ("e", I8),
        ("f", I8),
        ("result", I8),  # its return value
        ("client", I8),  # JACK: its client, functions and ports
        ("cycle_times", I8),
        ("get_buffer", I8),
        ("event_count", I8),
        ("event_get", I8),
        ("clear_buffer", I8),
        ("event_reserve", I8),
        ("transport_query", I8),
        ("latency_range", I8),
        ("latency", I8),  # buffer that it writes to
        ("position", I8),  # buffer that it writes to
        ("outs", I8),
        ("out_count", I8),
        ("ins", I8),
        ("in_count", I8),
        ("input", I8),  # interleaved input from the ports in `ins`
        ("midi_in", I8),
        ("midi_out", I8),
        ("port", I8),  # address of the MIDI_PORT that reads `midi_in`
        ("scratch", I8),
        ("cycle", I8),  # buffer that `cycle_times` and `event_get` write to
        ("event", I8),
        ("asked", I8),  # ring of messages sent by Python, with host times
        ("asked_waiting", I8),  # MIDI_EVENTS records waiting for their time, sorted
        ("asked_count", I8),
        ("asked_lost", I8),  # messages longer than a whole JACK buffer
        ("shift", I8),  # MIDI delay in frames, if JACK's period is not a multiple of the block
        ("freewheel", I8),
        ("release", I8),  # JACK: whether to release notes held by `midi_in`
    ]
)

KEPT = 1 << 16
"""Callbacks whose timing is kept: 87 s at 64 frames."""

MAX_CHANNELS = 64
MAX_INPUTS = 8
"""Maximum number of input channels."""
COMMANDS = 4096
PENDING = 4096
RESERVED = 256
"""Pending command slots reserved for commands without a frame."""
MIDI_EVENTS = 8192
TAP_EVENTS = 8192
RING_HEADER = 128
"""Head at byte 0, tail at byte 64: each side has its own cache line."""
TAIL = 8
"""Index of a ring's tail among its header's int64."""

COUNTED_EVERY = 64
"""CPU cycles are measured in one of this many blocks."""

MUTE_AFTER = 3
"""Non-finite blocks that a node may cause before it is muted."""


def ring_bytes(capacity: int, item: np.dtype[np.void]) -> int:
    """Size of a ring's memory in bytes."""
    return RING_HEADER + capacity * item.itemsize
