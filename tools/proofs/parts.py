"""Compares excerpts with the whole: `--from BAR` on twelve songs and patches, through the command line.

    tools/proof parts [--songs FOLDER]      FOLDER: bwv772.mid, BWV1007Prelude.mid, Town.mid, Fable.mid, LettingGo.mid
                                            and CarnalFear.mid; without it the six that need no file

For each it prints whether the events at every allocator equal those of the whole from that bar on, in frame and value;
the largest difference of the sound; and the largest difference in level in any bar, from the second bar of the excerpt
on, because tails from before the excerpt are missing in the first.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from allocator_events import chased_first, from_frame, rendered

RATE = 48_000
SECONDS = 12.0
MOST_DB = 0.5

FILE = """\
nodes:
  keys: {node: MidiFile, file: SONG}
  voices: {node: VoiceAllocator, events: keys, polyphony: 64}
  tine: {node: ElectricPiano, freq: voices.freq, gate: voices.gate, trigger: voices.trigger, velocity: voices.velocity}
  beeps: {node: Steps, clock: keys.beat, steps: "C6 . . . E6 . . ."}
  beep: {node: VoiceAllocator, events: beeps, mode: mono}
  tick: {node: ElectricPiano, freq: beep.freq, gate: beep.gate, trigger: beep.trigger}
  out: {node: Mix, audio: [tine * -18 dB, tick * -18 dB]}
out: out
"""
CLIP = """\
nodes:
  beat: {node: Transport, tempos: "0: 97.3, 32: 131.7"}
  keys: {node: MidiFile, file: SONG, clock: beat}
  voices: {node: VoiceAllocator, events: keys, polyphony: 64}
  tine: {node: ElectricPiano, freq: voices.freq, gate: voices.gate, trigger: voices.trigger, velocity: voices.velocity}
  out: {node: Mix, audio: tine * -18 dB}
out: out
"""

SONGS = (
    # patch, song, bar, further words
    ("neon", "bwv772.mid", "7", ()),
    ("neon", "BWV1007Prelude.mid", "9", ("--file-tempo",)),
    ("suitcase", "Town.mid", "5", ()),
    ("neon", "Fable.mid", "21", ("--file-tempo",)),
    (FILE, "LettingGo.mid", "33", ()),
    (CLIP, "CarnalFear.mid", "17", ()),
)
PATCHES = (
    ("caravan", "", "dance", ()),
    ("bossa", "", "5", ()),
    ("house", "", "6", ()),
    ("breakbeat", "", "4", ()),
    ("drum_machine", "", "3", ()),
    ("quartet", "", "5", ()),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof parts`."""
    parser.add_argument("--songs", type=Path)


def run(options: argparse.Namespace) -> int:
    """Prints a line for each song; returns 1 if any differs."""
    songs = (*SONGS, *PATCHES) if options.songs else PATCHES
    failed = 0
    print(f"{'patch':18} {'song':20} {'from':6} {'events':>7} {'chased':>6} {'same':>5} {'sound':>9} {'dB/bar':>8}")
    for patch, song, bar, more in songs:
        with tempfile.TemporaryDirectory() as folder:
            found = compare(patch, options.songs / song if song else None, bar, more, Path(folder))
        name = patch if "\n" not in patch else ("its own tempo" if patch is FILE else "by a clock")
        same, count, chased, sound, level = found
        good = same and level < MOST_DB
        failed += not good
        print(f"{name:18} {song:20} {bar:6} {count:7} {chased:6} {same!s:>5} {sound:9.1e} {level:8.3f}", flush=True)
    return 1 if failed else 0


def compare(patch, song, bar, more, folder):
    """Whether the events are equal, their number, the number chased, and the largest differences of sound and level."""
    words = [patch]
    if "\n" in patch:
        words = [folder / "patch.yaml"]
        words[0].write_text(patch.replace("SONG", str(song)))
    elif song is not None:
        words += ["--midi", song]
    words += ["--rate", RATE, *more]
    part_events, part = rendered([*words, "--from", bar, "--seconds", SECONDS], folder / "part.wav")
    begin = started(words, bar)
    whole_events, whole = rendered([*words, "--seconds", begin / RATE + SECONDS], folder / "whole.wav")
    whole = whole[begin : begin + len(part)]
    part = part[: len(whole)]
    same, count, chased = set(whole_events) == set(part_events), 0, 0
    for name, events in part_events.items():
        first = chased_first(events, from_frame(whole_events[name], begin))
        same = same and first is not None
        count += len(events)
        chased += len(first or ())
    bars = [at - begin for at in barlines(words, begin, begin + len(part))]
    levels = [[level(audio[a:b]) for a, b in pairwise(bars[1:])] for audio in (whole, part)]
    apart = np.abs(np.subtract(*levels)).max()
    return same, count, chased, float(np.abs(whole - part)[bars[1] :].max()), float(apart)


def level(audio):
    """RMS of all channels in dB."""
    return 10 * np.log10(np.mean(np.square(audio)) + 1e-12)


def barlines(words, begin, end):
    """Frames of the whole at which bars start, from `begin` up to `end`."""
    bar = next(number for number in range(1, 1000) if started(words, str(number)) >= begin)
    found = [begin]
    while (at := started(words, str(bar + len(found)))) <= end:
        found.append(at)
    return found


def started(words, bar):
    """The frame of the whole at which an excerpt starts, from the graph made by the command line."""
    from graph.perform.performance import Performance

    words = [str(word) for word in words]
    midi = words[words.index("--midi") + 1] if "--midi" in words else None
    graph = Performance(words[0], first=bar, midi=midi, file_tempo="--file-tempo" in words).graph
    return graph.start.frames(RATE, "")
