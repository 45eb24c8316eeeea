"""Effect of events on voices: notes, and channel controllers on the voices that play the channel's notes."""

from __future__ import annotations

import numpy as np

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
    inline,
)
from nodes.dsp.voices.allocation import allocate
from nodes.dsp.voices.parameter_numbers import DATA_LSB, DATA_MSB, MSB, NRPN_LSB, enter_data, name_parameter
from nodes.dsp.voices.voices import (
    BEND_OF,
    CAUGHT,
    CHANNEL,
    CHANNELS,
    GATE,
    HELD,
    KEY,
    PRESSURE_OF,
    RPN_MSB,
    SOSTENUTO_OF,
    SUSTAIN_OF,
    TIMBRE_OF,
    TOUCH,
    WANT,
    reaches,
)

NO_KEY = -1000.0
"""Matches no key; used when all keys of a channel are meant."""


@inline(double=True)
def control(memory, channel, number, value):
    """[audio] Handles a controller. Sostenuto catches the keys that are down when the pedal goes down."""
    controls = memory.controls[channel]
    catches = number == SOSTENUTO and value >= 0.5 and controls[SOSTENUTO_OF] < 0.5
    if number == SUSTAIN:
        controls[SUSTAIN_OF] = value
    elif number == SOSTENUTO:
        controls[SOSTENUTO_OF] = value
    elif number == TIMBRE:
        controls[TIMBRE_OF] = value
    elif NRPN_LSB <= number <= MSB:
        name_parameter(controls, number, np.floor(value * 127.0 + 0.5))
    elif number in (DATA_MSB, DATA_LSB):
        enter_data(memory, channel, number, np.floor(value * 127.0 + 0.5))
    elif number == RESET_CONTROLLERS:
        reset(memory, channel)
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        if reaches(memory, channel, note[CHANNEL]):
            if catches:
                note[CAUGHT] = note[HELD]
            if number == RESET_CONTROLLERS:
                note[TOUCH] = 0.0
            if number == ALL_SOUND_OFF:
                note[WANT + GATE] = 0


@inline(double=True)
def reset(memory, source):
    """[audio] Pedals up, no bend, no pressure, no parameter selected; registered parameters keep their values
    (RP-015)."""
    for channel in range(CHANNELS):
        if reaches(memory, source, channel):
            row = memory.controls[channel]
            row[SUSTAIN_OF] = 0.0
            row[SOSTENUTO_OF] = 0.0
            row[BEND_OF] = 0.0
            row[PRESSURE_OF] = 0.0
            row[RPN_MSB] = 127.0


@inline(double=True)
def receive(memory, event, time, rate, mode, priority, glide):
    """[audio] Handles any event."""
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
