"""What events do to voices: notes, and the controllers of a channel to the voices that play its notes."""

from __future__ import annotations

from graph import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BEND,
    CONTROL,
    KEY_PRESSURE,
    NOTE_OFF,
    NOTE_ON,
    PRESSURE,
    RESET_CONTROLLERS,
    SOSTENUTO,
    SUSTAIN,
    TIMBRE,
    helper,
)
from nodes.dsp.allocation import allocate
from nodes.dsp.voices import (
    BEND_OF,
    CAUGHT,
    CHANNEL,
    GATE,
    HELD,
    KEY,
    PRESSURE_OF,
    SOSTENUTO_OF,
    SUSTAIN_OF,
    TIMBRE_OF,
    TOUCH,
    WANT,
)

NO_KEY = -1000.0
"""Stands for every key of a channel."""


@helper(double=True)
def control(memory, channel, number, value):
    """[audio] A controller moves. Sostenuto catches the keys that are down when it goes down."""
    controls = memory.controls[channel]
    catches = number == SOSTENUTO and value >= 0.5 and controls[SOSTENUTO_OF] < 0.5
    if number == SUSTAIN:
        controls[SUSTAIN_OF] = value
    elif number == SOSTENUTO:
        controls[SOSTENUTO_OF] = value
    elif number == TIMBRE:
        controls[TIMBRE_OF] = value
    elif number == RESET_CONTROLLERS:
        controls[SUSTAIN_OF] = 0.0
        controls[SOSTENUTO_OF] = 0.0
        controls[BEND_OF] = 0.0
        controls[PRESSURE_OF] = 0.0
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        if note[CHANNEL] == channel:
            if catches:
                note[CAUGHT] = note[HELD]
            if number == RESET_CONTROLLERS:
                note[TOUCH] = 0.0
            if number == ALL_SOUND_OFF:
                note[WANT + GATE] = 0


@helper(double=True)
def receive(memory, event, time, rate, mode, priority, glide):
    """[audio] Any event."""
    kind, number, value = event.kind, event.number, event.value
    channel = int(event.channel) if 0 <= event.channel <= 16 else 0
    if kind == BEND:
        memory.controls[channel, BEND_OF] = min(max(value, -1.0), 1.0)
    elif kind == PRESSURE:
        memory.controls[channel, PRESSURE_OF] = value
    elif kind == KEY_PRESSURE:
        for voice in range(memory.now.shape[1]):
            if memory.notes[voice, CHANNEL] == channel and memory.notes[voice, KEY] == number:
                memory.notes[voice, TOUCH] = value
    elif kind == CONTROL:
        control(memory, channel, number, value)
    all_off = kind == CONTROL and (number == ALL_SOUND_OFF or number >= ALL_NOTES_OFF)
    if all_off or kind in (NOTE_ON, NOTE_OFF):
        on = kind == NOTE_ON and value > 0.0
        key = NO_KEY if all_off else number
        velocity = 0.5 if all_off else min(max(value, 0.0), 1.0)
        allocate(memory, time, rate, mode, priority, glide, on, all_off, key, channel, event.note_id, velocity)
