"""MIDI input, and the written music that it replaces."""

from __future__ import annotations

import numpy as np

from graph import CAPACITY, NOTE_OFF, NOTE_ON, In, Node, Option, Out, Source, State, clear, emit, inline, kernel
from nodes.dsp.sequencing.transforms import KEYS, copy, ends_all, place_of

DOWN, QUIET, PLAYED, SOUNDING, FLAGS = range(5)
"""Keys that are down; frames since a key last moved; whether one ever did; notes of the music that sound."""


class MidiIn(Node):
    """MIDI input: events from the MIDI ports, or from the file given with `--midi`, each at its exact frame.

    Several MidiIn nodes can split a setup by channel. Program change 1 selects the first preset of the patch, by
    default only on one channel, because a General MIDI file sends program changes on all sixteen.

    Written music at `music`, such as `{node: MidiIn, music: tune}`, plays until keys are played: its notes end when the
    first key goes down, and it returns `rest` seconds after the last key is released. A file given with `--midi`
    replaces it from start to end.
    """

    arriving = Source("midi", doc="Events of this block from every open MIDI input.")
    music = In(kind="events", optional=True, doc="Written music that plays while no keys are played.")
    rest = In(
        8.0, "s", 0.0, 3600.0, rate="block", voices=1, channels=1, doc="Time without keys before `music` returns."
    )
    channel = Option(0, min=0, max=16, doc="MIDI channel, 1 .. 16; 0 is every channel.")
    presets = Option(
        "lowest",
        choices=("lowest", "all", "none"),
        doc="Program changes that select a preset of the patch: those on the lowest channel with notes or "
        "programs, those on all received channels, or none.",
    )
    out = Out(kind="events", doc="Received events, or those of `music`.")

    held = State((KEYS,), np.float64, keeps=True, doc="1 more than each key that the music holds; 0 is off.")
    flags = State((FLAGS,), np.int64, keeps=True)

    @kernel(double=True)
    def process(block):
        out, music, arriving, held, flags = block.out, block.music, block.arriving, block.held, block.flags
        clear(out)
        out.count[1] = arriving.count[1]
        rest = float(block.rest[0]) * block.sample_rate
        i, j, moved = 0, 0, -flags[QUIET]
        for _ in range(arriving.count[0] + music.count[0]):
            key = i < arriving.count[0]
            if key and j < music.count[0]:
                key = arriving.records[i].frame <= music.records[j].frame
            event = arriving.records[i] if key else music.records[j]
            i += 1 if key else 0
            j += 0 if key else 1
            if key:
                if block.channel == 0 or event.channel == block.channel:
                    if event.kind == NOTE_ON:
                        if flags[SOUNDING] > 0:
                            finish_all(out, held, event.frame)
                        flags[SOUNDING] = 0
                        flags[PLAYED] = 1
                        flags[DOWN] += 1
                        moved = event.frame
                    elif event.kind == NOTE_OFF:
                        flags[DOWN] = max(flags[DOWN] - 1, 0)
                        moved = event.frame
                    elif ends_all(event):
                        flags[DOWN] = 0
                    copy(out, event)
                continue
            at = place_of(event.channel, event.number)
            if event.kind == NOTE_ON:
                alone = flags[PLAYED] == 0 or (flags[DOWN] == 0 and event.frame - moved >= rest)
                if alone and out.count[0] + arriving.count[0] - i < CAPACITY:
                    flags[SOUNDING] += 1 if held[at] == 0.0 else 0
                    held[at] = event.number + 1.0
                    copy(out, event)
            elif event.kind == NOTE_OFF:
                if flags[PLAYED] == 0 or held[at] != 0.0:
                    flags[SOUNDING] -= 1 if held[at] != 0.0 else 0
                    held[at] = 0.0
                    copy(out, event)
            else:
                copy(out, event)
        flags[QUIET] = block.frames - moved


@inline(double=True)
def finish_all(out, held, frame):
    """[audio] Ends the notes that the music holds."""
    for at in range(KEYS):
        if held[at] != 0.0:
            emit(out, frame, NOTE_OFF, 16 if at < 128 else at // 128, 0, held[at] - 1.0, 0.5)
            held[at] = 0.0
