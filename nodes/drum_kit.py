from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_ON, In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.drums.kit import AWAKE, FIELDS, FIRST, GROUP, GROUPS, MODES, PAN, STANDARD, Kit, sound, start
from nodes.dsp.drums.kit_presets import KITS
from nodes.dsp.drums.trims import trimmed
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds

UPDATE = 8


def level(group: str) -> In:
    return In(1, "", 0, 4, voices=1, channels=1, doc=f"Level of the {group}.")


def tuning(group: str) -> In:
    return In(0, "semitones", -24, 24, voices=1, channels=1, doc=f"Tuning of the {group}, from the next strike on.")


def pan(group: str) -> In:
    return In(0, "", -1, 1, voices=1, channels=1, doc=f"Moves the {group}: 1 is to the right, -1 to the left.")


def own(group: str) -> Out:
    return Out(voices=1, channels=2, doc=f"The {group} alone.")


class DrumKit(Node, family="Drums"):
    """Drum kit: plays notes by the General MIDI percussion map, keys 35 to 81.

    Every drum is a bank of modes and a noise source, read from one table (nodes/dsp/drums/kit.py), so a kit is data
    and one kernel plays all twenty-four drums. The other kits (nodes/dsp/drums/kit_presets.py) also use keys above
    81. A silent drum uses no processing time. Keys of one instrument choke each other, as on stage: the hi-hat
    pedal stops the open hat, the muted triangle stops the open one. Controls act on groups, and each group has an
    output for separate processing; `trim` acts on single drums.
    """

    events = In(kind="events", doc="Notes to play; note-offs are ignored.")
    channel = Option(0, min=0, max=16, doc="MIDI channel to read; 0 reads all, 10 is General MIDI percussion.")
    kit = Option(STANDARD, choices=(STANDARD, *KITS), doc="Drum kit.")
    trim = Option(
        "", items=", ", doc="Settings per drum, such as `cowbell: level 0.5 tune -2 pan 0.3, clap: group percussion`."
    )
    kick_level, kick_tune, kick_pan = level("kick"), tuning("kick"), pan("kick")
    snare_level, snare_tune, snare_pan = level("snare"), tuning("snare"), pan("snare")
    hats_level, hats_tune, hats_pan = level("hats"), tuning("hats"), pan("hats")
    toms_level, toms_tune, toms_pan = level("toms"), tuning("toms"), pan("toms")
    cymbals_level, cymbals_tune, cymbals_pan = level("cymbals"), tuning("cymbals"), pan("cymbals")
    percussion_level, percussion_tune, percussion_pan = level("percussion"), tuning("percussion"), pan("percussion")
    out = Out(voices=1, channels=2, doc="Mix of all drums.")
    kick, snare, hats, toms = own("kick"), own("snare, side stick and clap"), own("hats"), own("toms")
    cymbals, percussion = own("cymbals"), own("percussion")
    bank = State(ndim=3)
    ratios = State(ndim=2)
    weights = State(ndim=2)
    table = State(ndim=2)
    keys = State(ndim=2)
    now = State(ndim=2)
    random = State(ndim=1, dtype=np.uint32)
    knobs = State((len(GROUPS), 3))
    bus = State((len(GROUPS), 2))
    clock = State((1,), np.int64, counts=UPDATE)

    def validate(self) -> None:
        trimmed(self.options, self.label)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        states = trimmed(self.options, self.label)
        count = len(states["table"])
        bank, now = np.zeros((5, MODES, count), np.float32), np.zeros((count, FIELDS), np.float32)
        return {**states, "bank": bank, "now": now, "random": seeds(setup.name, 0, count)}

    @kernel
    def process(block):
        kit = Kit(block.bank, block.ratios, block.weights, block.table, block.now, block.random)
        keys, knobs, bus, now, rate = block.keys, block.knobs, block.bus, block.now, block.sample_rate
        at, count = 0, block.events.count[0]
        for frame in range(block.frames):
            knobs[0, 0], knobs[0, 1] = block.kick_level[frame, 0], block.kick_pan[frame, 0]
            knobs[1, 0], knobs[1, 1] = block.snare_level[frame, 0], block.snare_pan[frame, 0]
            knobs[2, 0], knobs[2, 1] = block.hats_level[frame, 0], block.hats_pan[frame, 0]
            knobs[3, 0], knobs[3, 1] = block.toms_level[frame, 0], block.toms_pan[frame, 0]
            knobs[4, 0], knobs[4, 1] = block.cymbals_level[frame, 0], block.cymbals_pan[frame, 0]
            knobs[5, 0], knobs[5, 1] = block.percussion_level[frame, 0], block.percussion_pan[frame, 0]
            while at < count and block.events.records[at].frame <= frame:
                event = block.events.records[at]
                at += 1
                key = np.int64(np.rint(event.number)) - FIRST
                heard = block.channel == 0 or event.channel == block.channel
                if event.kind == NOTE_ON and heard and 0 <= key < keys.shape[0] and keys[key, 0] >= 0.0:
                    knobs[0, 2], knobs[1, 2] = block.kick_tune[frame, 0], block.snare_tune[frame, 0]
                    knobs[2, 2], knobs[3, 2] = block.hats_tune[frame, 0], block.toms_tune[frame, 0]
                    knobs[4, 2], knobs[5, 2] = block.cymbals_tune[frame, 0], block.percussion_tune[frame, 0]
                    drum = np.int64(keys[key, 0])
                    up = clamp(knobs[np.int64(kit.table[drum, GROUP]), 2], -24.0, 24.0) + keys[key, 1]
                    start(kit, drum, clamp(np.float32(event.value), 0.0, 1.0), up, keys[key, 2], rate)
            for group in range(6):
                bus[group, 0] = bus[group, 1] = 0.0
            for drum in range(now.shape[0]):
                if now[drum, AWAKE] > 0.5:
                    group = np.int64(kit.table[drum, GROUP])
                    value = clamp(knobs[group, 0], 0.0, 4.0) * sound(kit, drum, block.clock[0] == 0, rate)
                    place = clamp(kit.table[drum, PAN] + knobs[group, 1], -1.0, 1.0)
                    bus[group, 0] += value * np.sqrt(0.5 - 0.5 * place)
                    bus[group, 1] += value * np.sqrt(0.5 + 0.5 * place)
            block.clock[0] = block.clock[0] + 1 if block.clock[0] < UPDATE - 1 else 0
            for side in range(2):
                block.kick[frame, side], block.snare[frame, side] = bus[0, side], bus[1, side]
                block.hats[frame, side], block.toms[frame, side] = bus[2, side], bus[3, side]
                block.cymbals[frame, side], block.percussion[frame, side] = bus[4, side], bus[5, side]
                total = np.float32(0.0)
                for group in range(6):
                    total += bus[group, side]
                block.out[frame, side] = total
