"""Registered parameters: bend range, and MPE zones.

Controllers 101 and 100 select a parameter, 6 and 38 set its value. References: MIDI 1.0,
RP-018; MIDI Polyphonic Expression (M1-100-UM 1.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from nodes.dsp.voices.voices import CHANNELS, MASTER_OF, NOBODY, RANGE_OF, RPN_LSB, RPN_MSB, ZONES

DATA_MSB, DATA_LSB = 6, 38
NRPN_LSB, NRPN_MSB, LSB, MSB = 98, 99, 100, 101
BEND_RANGE, ZONE = 0, 6
LOWER, UPPER = 1, 16
MEMBER_RANGE, MASTER_RANGE = 48.0, 2.0
"""Bend range in semitones of a new zone."""


def first_zone(controls: np.ndarray[Any, Any], zone: str) -> None:
    """[control] Makes a zone of all channels, like an MPE configuration message with 15 member channels."""
    if zone in ("lower", "upper"):
        master = LOWER if zone == "lower" else UPPER
        controls[1:CHANNELS, MASTER_OF] = master
        controls[1:CHANNELS, RANGE_OF] = MEMBER_RANGE
        controls[master, MASTER_OF], controls[master, RANGE_OF] = NOBODY, MASTER_RANGE


@inline(double=True)
def name_parameter(row, number, value):
    """[audio] One half of a parameter number; a non-registered parameter (NRPN) deselects."""
    if number == MSB:
        row[RPN_MSB] = value
    elif number == LSB:
        row[RPN_LSB] = value
    else:
        row[RPN_MSB] = 127.0


@inline(double=True)
def enter_data(memory, channel, number, value):
    """[audio] One half of the value of the selected parameter."""
    row = memory.controls[channel]
    if row[RPN_MSB] != 0.0:
        return
    if row[RPN_LSB] == ZONE and number == DATA_MSB and memory.flags[ZONES] > 0 and channel in (LOWER, UPPER):
        make_zone(memory, channel, value)
    elif row[RPN_LSB] == BEND_RANGE:
        semitones = value if number == DATA_MSB else np.floor(max(row[RANGE_OF], 0.0)) + value / 100.0
        for other in range(CHANNELS):  # a member channel sets the range of its whole zone
            together = row[MASTER_OF] != NOBODY and memory.controls[other, MASTER_OF] == row[MASTER_OF]
            if other == channel or together:
                memory.controls[other, RANGE_OF] = semitones


@inline(double=True)
def make_zone(memory, master, members):
    """[audio] Assigns `members` channels next to the master to it; the other zone keeps the rest."""
    for channel in range(1, CHANNELS):
        row = memory.controls[channel]
        distance = channel - master if master == LOWER else master - channel
        if distance == 0:
            row[MASTER_OF] = NOBODY
            row[RANGE_OF] = MASTER_RANGE if members > 0.0 else -1.0
        elif distance <= members:
            row[MASTER_OF] = master
            row[RANGE_OF] = MEMBER_RANGE
        elif row[MASTER_OF] == master:
            row[MASTER_OF] = NOBODY
            row[RANGE_OF] = -1.0
