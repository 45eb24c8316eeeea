"""State of the voices of a `VoiceAllocator`, and how it becomes rows of its outputs.

`notes` has a row per voice, `controls` a row per channel, `now` a row per output: its value in each voice at this
frame. An event changes notes and controls; then `settle` updates every voice. Output buffers keep their content from
block to block, so rows are written only for an output that changes in this block or changed in the last one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graph import inline

FREQ, GATE, VELOCITY, PRESSED, BRIGHT, BENT, RELEASE, STRIKE, TRIGGER = range(9)
"""Outputs: rows of `now`, and bits of the write masks. Velocity, pressure and timbre slew;
a trigger returns to 0 after one frame."""
OUTPUTS = 9
ALL = (1 << OUTPUTS) - 1

KEY, CHANNEL, NOTE_ID, STRENGTH = range(4)
"""Note: key, channel, id and velocity; also the entries of the key stack."""
HELD, CAUGHT, TOUCH = range(4, 7)
"""Key is down; caught by sostenuto; key pressure."""
STRUCK, LIFTED, RELEASED, RELEASE_FRAME = range(7, 11)
"""Order of the note-on (0 never), of the key release and of the gate's end; frame of the gate's end."""
PITCH, STEP, LEFT, RATIO, FADE, BENDING = range(11, 17)
"""Glide: target key, semitones per frame, frames left, growth per frame. Frames of a slew. Bend in semitones."""
COUNT = 17
"""Number of times its key is down, if that is counted."""
OWN_BEND, OWN_PRESSURE, OWN_TIMBRE = range(18, 21)
"""Those of the note's channel; in an MPE zone they are kept after the key's release, because the channel is reused."""
WANT = 21
"""From here on: the settled value of each output; a frequency of 0 has yet to be computed."""
NOTE_FIELDS = WANT + OUTPUTS

BEND_OF, PRESSURE_OF, TIMBRE_OF, SUSTAIN_OF, SOSTENUTO_OF = range(5)
"""Columns of `controls`."""
RANGE_OF, MASTER_OF, RPN_MSB, RPN_LSB = range(5, 9)
"""Bend range in semitones, below 0 to use the input's; master channel, whose controllers act on this one too
(MPE); selected parameter number."""
CONTROLS = 9
CHANNELS = 17
"""Channel 0 is for events without a channel."""
NOBODY = CHANNELS
"""Master of a channel without one: a row of `controls` that never changes."""

FRAME, ORDER, ACTIVE, CHANGED, MOVING, KEYS, ZONES, BY_RATE, FROM_LAST, COUNTS, KEEPS_LOWEST = range(11)
"""Items of `flags`: frame of the block's start, strikes and releases so far, outputs to write, outputs that changed,
frames until nothing moves, keys on the stack, whether messages may make MPE zones; then the options `glide_by`,
`glide_from`, `same_key` and `keep_lowest`."""
FLAGS = 11

LAST_PITCH, LAST_FRAME, FROM_PITCH = range(3)
"""Items of `played`: key and frame of the latest note-on, and the key from which it glided."""

SLEW = 0.005
SILENT = 2.0


class Memory(NamedTuple):
    """State of an allocator, in one argument to keep the kernel's compilation short."""

    notes: Any
    controls: Any
    now: Any
    goal: Any
    left: Any
    stack: Any
    flags: Any
    played: Any


def first_memory(voices: int, zones: bool = True) -> dict[str, Any]:
    """[control] Initial memory of an allocator."""
    notes, now, controls = (
        np.zeros((voices, NOTE_FIELDS)),
        np.zeros((OUTPUTS, voices)),
        np.zeros((CHANNELS + 1, CONTROLS)),
    )
    controls[:, RANGE_OF], controls[:, MASTER_OF] = -1, NOBODY
    controls[:, RPN_MSB] = controls[:, RPN_LSB] = 127
    notes[:, PITCH], notes[:, OWN_TIMBRE] = 69, 0.5
    now[FREQ] = 440
    now[BRIGHT] = controls[:, TIMBRE_OF] = 0.5
    flags = np.zeros(FLAGS)
    flags[CHANGED], flags[ZONES] = ALL, zones
    memory = {"notes": notes, "now": now, "goal": now, "left": np.zeros(now.shape), "controls": controls}
    return {**memory, "flags": flags, "played": np.full(3, -1.0)}


@inline(double=True)
def begin(memory, fresh):
    """[audio] Starts a block: outputs changed in the last one are written, or all if the buffers are fresh."""
    memory.flags[ACTIVE] = ALL if fresh else memory.flags[CHANGED]
    memory.flags[CHANGED] = 0


@inline(double=True)
def keep_options(memory, glide_by, glide_from, same_key, keep_lowest):
    """[audio] Stores the node's options for the functions below."""
    memory.flags[BY_RATE] = glide_by
    memory.flags[FROM_LAST] = 1 - glide_from
    memory.flags[COUNTS] = same_key
    memory.flags[KEEPS_LOWEST] = keep_lowest


@inline(double=True)
def reach(memory, output, voice, value, frames):
    """[audio] Moves an output to a value over `frames` frames."""
    value = np.float32(value)
    if memory.goal[output, voice] != value or (frames == 0 and memory.now[output, voice] != value):
        memory.goal[output, voice] = value
        memory.left[output, voice] = frames
        memory.flags[MOVING] = max(memory.flags[MOVING], frames)
        memory.flags[ACTIVE] |= 1 << output
        memory.flags[CHANGED] |= 1 << output
        if frames == 0:
            memory.now[output, voice] = value


@inline(double=True)
def reaches(memory, source, channel):
    """[audio] Whether events on channel `source` affect notes of `channel`: the same channel, or the master of its
    zone."""
    return channel == source or memory.controls[int(channel), MASTER_OF] == source


@inline(double=True)
def tick(memory):
    """[audio] Next serial number of note-ons and releases."""
    memory.flags[ORDER] += 1
    return memory.flags[ORDER]


@inline(double=True)
def start(memory, time, rate, voice, new, trigger, glide, origin):
    """[audio] The voice takes a note, a row that begins with key, channel, id and velocity.

    It glides from the key `origin`, or if that is negative, from the voice's current pitch.
    """
    note = memory.notes[voice]
    silent = time - note[RELEASE_FRAME]
    if note[STRUCK] == 0 or (note[WANT + GATE] == 0 and silent >= SILENT * rate):
        note[FADE] = 0
    distance = new[KEY] - note[PITCH] + note[LEFT] * note[STEP]
    length = 0
    if note[STRUCK] > 0 or origin >= 0.0:
        distance = new[KEY] - origin if origin >= 0.0 else distance
        length = int(glide * rate * (abs(distance) / 12.0 if memory.flags[BY_RATE] > 0 else 1.0) + 0.5)
    if length > 0:
        note[STEP] = distance / length
        note[RATIO] = 2.0 ** (note[STEP] / 12.0)
        memory.flags[MOVING] = max(memory.flags[MOVING], length)
    note[LEFT] = length
    note[PITCH] = new[KEY]
    note[WANT + FREQ] = 0
    note[KEY] = new[KEY]
    note[CHANNEL] = new[CHANNEL]
    note[NOTE_ID] = new[NOTE_ID]
    note[HELD] = 1
    note[CAUGHT] = 0
    note[WANT + GATE] = 1
    note[TOUCH] = 0
    note[STRUCK] = tick(memory)
    if trigger:
        note[STRENGTH] = new[STRENGTH]
        memory.now[TRIGGER, voice] = 1
        memory.left[TRIGGER, voice] = 1
        memory.flags[MOVING] = max(memory.flags[MOVING], 1)
        memory.flags[ACTIVE] |= 1 << TRIGGER
        memory.flags[CHANGED] |= 1 << TRIGGER


@inline(double=True)
def lift(memory, voice, velocity):
    """[audio] Releases the voice's key."""
    note = memory.notes[voice]
    if note[HELD] > 0:
        note[HELD] = 0
        note[LIFTED] = tick(memory)
        note[WANT + RELEASE] = velocity


@inline(double=True)
def settle(memory, time, rate, bend_range, detune, retune):
    """[audio] Updates the outputs of all voices from their notes, pedals and controllers."""
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        control = memory.controls[int(note[CHANNEL])]
        master = memory.controls[int(control[MASTER_OF])]
        if note[HELD] > 0 or control[MASTER_OF] == NOBODY:
            note[OWN_BEND], note[OWN_PRESSURE] = control[BEND_OF], control[PRESSURE_OF]
            note[OWN_TIMBRE] = control[TIMBRE_OF]
        caught = max(control[SOSTENUTO_OF], master[SOSTENUTO_OF]) if note[CAUGHT] > 0 else 0.0
        pedal = max(control[SUSTAIN_OF], master[SUSTAIN_OF], caught) >= 0.5
        if note[HELD] == 0 and not pedal:
            note[WANT + GATE] = 0
        if note[WANT + GATE] == 0 and memory.now[GATE, voice] > 0.0:
            note[RELEASED] = tick(memory)
            note[RELEASE_FRAME] = time
        bending = note[OWN_BEND] * (control[RANGE_OF] if control[RANGE_OF] >= 0.0 else bend_range)
        bending += master[BEND_OF] * (master[RANGE_OF] if master[RANGE_OF] >= 0.0 else bend_range)
        if retune or note[WANT + FREQ] == 0 or note[BENDING] != bending:
            note[BENDING] = bending
            pitch = note[PITCH] - note[LEFT] * note[STEP] + bending
            if memory.now.shape[1] > 1:
                pitch += detune * (2.0 * voice / (memory.now.shape[1] - 1) - 1.0)
            note[WANT + FREQ] = 440.0 * 2.0 ** ((min(max(pitch, -200.0), 300.0) - 69.0) / 12.0)
        note[WANT + VELOCITY] = note[WANT + STRIKE] = note[STRENGTH]
        note[WANT + PRESSED] = max(note[OWN_PRESSURE], master[PRESSURE_OF], note[TOUCH])
        note[WANT + BRIGHT] = min(max(note[OWN_TIMBRE] + master[TIMBRE_OF] - 0.5, 0.0), 1.0)
        note[WANT + BENT] = note[OWN_BEND]
        for output in range(TRIGGER):
            slews = VELOCITY <= output <= BRIGHT
            reach(memory, output, voice, note[WANT + output], int(note[FADE]) if slews else 0)
        note[FADE] = max(1, int(SLEW * rate + 0.5))


@inline(double=True)
def move(memory):
    """[audio] Advances glides and slews by one frame."""
    moved = 0
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        if note[LEFT] > 0:
            note[LEFT] -= 1
            note[WANT + FREQ] *= note[RATIO]
            memory.now[FREQ, voice] = note[WANT + FREQ]
            moved |= 1 << FREQ
        for output in range(VELOCITY, OUTPUTS):
            n = memory.left[output, voice]
            if n > 0:
                goal = memory.goal[output, voice]
                now = memory.now[output, voice]
                memory.now[output, voice] = goal if n == 1 else now + (goal - now) / n
                memory.left[output, voice] = n - 1
                moved |= 1 << output
    memory.flags[ACTIVE] |= moved
    memory.flags[CHANGED] |= moved
    memory.flags[MOVING] -= 1


@inline
def write(memory, outs, first, last):
    """[audio] Writes the rows of all active outputs."""
    # one call each, not a loop: the array type of every output is its own
    write_one(memory, FREQ, outs[FREQ], first, last)
    write_one(memory, GATE, outs[GATE], first, last)
    write_one(memory, VELOCITY, outs[VELOCITY], first, last)
    write_one(memory, PRESSED, outs[PRESSED], first, last)
    write_one(memory, BRIGHT, outs[BRIGHT], first, last)
    write_one(memory, BENT, outs[BENT], first, last)
    write_one(memory, RELEASE, outs[RELEASE], first, last)
    write_one(memory, STRIKE, outs[STRIKE], first, last)
    write_one(memory, TRIGGER, outs[TRIGGER], first, last)


@inline
def write_one(memory, output, out, first, last):
    """[audio] Writes the rows of one output, if active."""
    if memory.flags[ACTIVE] & (1 << output) != 0:
        for frame in range(first, last):
            for voice in range(out.shape[1]):
                out[frame, voice] = memory.now[output, voice]
